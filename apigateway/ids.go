package apigateway

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/tollbook/tollbook/state"
)

// Lengths of AWS' identifiers, all of [a-z0-9].
const (
	apiIDLength        = 10
	rootIDLength       = 10
	resourceIDLength   = 6
	deploymentIDLength = 6
)

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// newID returns n random characters of [a-z0-9], every one equally likely.
func newID(n int) string {
	id := make([]byte, 0, n)
	var b [16]byte
	for len(id) < n {
		_, _ = rand.Read(b[:]) // crypto/rand never returns an error
		for _, c := range b {
			// 252 is the largest multiple of 36 below 256; what lies above would favour the first letters.
			if c < 252 && len(id) < n {
				id = append(id, idAlphabet[c%36])
			}
		}
	}
	return string(id)
}

// insertWithNewID calls insert with fresh ids until one is free.
func insertWithNewID(length int, insert func(id string) error) (string, error) {
	for range 10 {
		id := newID(length)
		err := insert(id)
		if err == nil {
			return id, nil
		}
		if !errors.Is(err, state.ErrExists) {
			return "", err
		}
	}
	return "", fmt.Errorf("find a free id of %d characters: %w", length, state.ErrExists)
}
