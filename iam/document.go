package iam

import "strings"

// encodeDocument percent-encodes a policy document as IAM does in answers (RFC 3986): everything but letters, digits and
// "-._~", a blank as "%20". Clients that decode it as a form would read a bare "+" as a blank, so there is none.
func encodeDocument(document string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(document) * 2)
	for i := range len(document) {
		switch c := document[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
