package value

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// codeFunctions are encodings and hashes.
var codeFunctions = []Function{
	{"urlencode", ofText(func(s string) Value { return OfText(url.QueryEscape(s)) })},
	{"urldecode", ofText(func(s string) Value { return textUnless(url.QueryUnescape(s)) })},
	{"base64encode", ofText(func(s string) Value { return OfText(base64.StdEncoding.EncodeToString([]byte(s))) })},
	{"base64decode", ofText(base64Decode)},
	{"hexToAscii", ofText(hexToASCII)},
	{"hexToDec", ofText(hexToDec)},
	{"decToHex", ofNumber(decToHex)},
	{"md5", ofText(func(s string) Value { sum := md5.Sum([]byte(s)); return OfText(hex.EncodeToString(sum[:])) })},
	{"sha256", ofText(func(s string) Value { sum := sha256.Sum256([]byte(s)); return OfText(hex.EncodeToString(sum[:])) })},
}

func textUnless(s string, err error) Value {
	if err != nil {
		return Value{}
	}
	return OfText(s)
}

// base64Decode takes the standard and the URL alphabet, padded or not.
func base64Decode(s string) Value {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	decoded, err := base64.RawStdEncoding.DecodeString(s)
	return textUnless(string(decoded), err)
}

func cutHexPrefix(s string) string {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		return s[2:]
	}
	return s
}

func hexToASCII(s string) Value {
	decoded, err := hex.DecodeString(cutHexPrefix(s))
	return textUnless(string(decoded), err)
}

func hexToDec(s string) Value {
	n, err := strconv.ParseUint(cutHexPrefix(s), 16, 64)
	if err != nil {
		return Value{}
	}
	return numberOf(strconv.FormatUint(n, 10))
}

// decToHex is of integers from 0 on; of others it is null.
func decToHex(n float64) Value {
	if n < 0 || n >= 1<<64 || n != math.Trunc(n) {
		return Value{}
	}
	return OfText("0x" + strconv.FormatUint(uint64(n), 16))
}
