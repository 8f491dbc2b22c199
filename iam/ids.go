package iam

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
)

// Prefixes of AWS' unique IDs.
const (
	rolePrefix      = "AROA"
	policyPrefix    = "ANPA"
	userPrefix      = "AIDA"
	groupPrefix     = "AGPA"
	accessKeyPrefix = "AKIA"
	sessionPrefix   = "ASIA" // of temporary access keys
)

// idLength is how many characters of [A-Z2-7] follow the prefix of an entity's ID. Access key IDs have one less.
const idLength = 17

// newID returns the prefix and n random characters of [A-Z2-7].
func newID(prefix string, n int) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never returns an error
	return prefix + base32.StdEncoding.EncodeToString(b[:])[:n]
}

// fixedID returns an ID that is always the same for a name.
func fixedID(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:idLength]
}

// newSecret returns 40 characters of base64, as AWS' secret access keys.
func newSecret() string {
	var b [30]byte
	_, _ = rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}
