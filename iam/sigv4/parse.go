package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// signature is what a request claims: everything needed to compute the signature again, except the secret.
type signature struct {
	Credential
	signedHeaders []string // lower case, in the order sent
	value         string   // hex
	date          string   // X-Amz-Date or Date, as ISO 8601 basic
	time          time.Time
	expires       time.Duration // presigned only
}

// ParseCredential reads whose signature a request carries without checking it; there must be one, and its date must be
// one. The credential is as far as it could be read. The error is an *Error of kind Missing, Malformed, or BadSignature
// where the scope is wrong.
func ParseCredential(r *http.Request) (Credential, error) {
	cred, err := parseCredential(r)
	if err != nil {
		return cred, err
	}
	if len(cred.Date) != len("20060102") || strings.Trim(cred.Date, "0123456789") != "" {
		return cred, refuse(Malformed, "Date in Credential scope must be YYYYMMDD, got '%s'", clip(cred.Date))
	}
	return cred, hasSignature(cred, r)
}

func hasSignature(cred Credential, r *http.Request) error {
	if cred.Presigned {
		if queryParams(r)["X-Amz-Signature"] == "" {
			return refuse(Malformed, "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters.")
		}
		return nil
	}
	header := r.Header.Get("Authorization")
	if fields, err := headerFields(header); err != nil || fields["Signature"] == "" {
		return refuse(Malformed, "Authorization header requires 'Signature' parameter. %s", hashed(header))
	}
	return nil
}

func parseCredential(r *http.Request) (Credential, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		fields, err := headerFields(header)
		if err != nil {
			return Credential{}, err
		}
		if fields["Credential"] == "" {
			return Credential{}, refuse(Malformed, "Authorization header requires 'Credential' parameter. %s", hashed(header))
		}
		cred, err := splitCredential(fields["Credential"])
		cred.SecurityToken = r.Header.Get("X-Amz-Security-Token")
		return cred, err
	}
	params := queryParams(r)
	if _, ok := params["X-Amz-Algorithm"]; !ok {
		return Credential{}, missing()
	}
	cred, err := splitCredential(params["X-Amz-Credential"])
	cred.SecurityToken, cred.Presigned = params["X-Amz-Security-Token"], true
	return cred, err
}

// parse reads the whole signature, from the header if there is one, else from the query.
func parse(r *http.Request) (signature, error) {
	cred, err := parseCredential(r)
	if err != nil {
		return signature{}, err
	}
	if cred.Presigned {
		return parseQuery(cred, queryParams(r))
	}
	return parseHeader(cred, r)
}

func parseHeader(cred Credential, r *http.Request) (signature, error) {
	header := r.Header.Get("Authorization")
	fields, err := headerFields(header)
	if err != nil {
		return signature{}, err
	}
	date := headerDate(r.Header)
	var lacks []string
	for _, name := range []string{"Signature", "SignedHeaders"} {
		if fields[name] == "" {
			lacks = append(lacks, "Authorization header requires '"+name+"' parameter.")
		}
	}
	if date == "" {
		lacks = append(lacks, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if lacks != nil {
		return signature{}, refuse(Malformed, "%s %s", strings.Join(lacks, " "), hashed(header))
	}
	return newSignature(cred, date, fields["SignedHeaders"], fields["Signature"])
}

// parseQuery: X-Amz-Expires is between one second and a week.
func parseQuery(cred Credential, params map[string]string) (signature, error) {
	if params["X-Amz-Algorithm"] != algorithm {
		return signature{}, refuse(Malformed, "Unsupported X-Amz-Algorithm: '%s'", clip(params["X-Amz-Algorithm"]))
	}
	for _, name := range []string{"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"} {
		if params[name] == "" {
			return signature{}, refuse(Malformed, "AWS query-string parameters must include '%s'. Re-examine the query-string parameters.", name)
		}
	}
	sig, err := newSignature(cred, params["X-Amz-Date"], params["X-Amz-SignedHeaders"], params["X-Amz-Signature"])
	if err != nil {
		return signature{}, err
	}
	seconds, err := strconv.Atoi(params["X-Amz-Expires"])
	switch {
	case err != nil:
		return signature{}, refuse(Malformed, "X-Amz-Expires should be a number")
	case seconds < 1:
		return signature{}, refuse(Malformed, "X-Amz-Expires must be at least one second")
	case seconds > 604800:
		return signature{}, refuse(Malformed, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	sig.expires = time.Duration(seconds) * time.Second
	return sig, nil
}

func newSignature(cred Credential, date, signedHeaders, value string) (signature, error) {
	sig := signature{Credential: cred, date: date, value: value, signedHeaders: strings.Split(strings.ToLower(signedHeaders), ";")}
	var err error
	if sig.time, err = time.Parse(timeFormat, date); err != nil {
		return sig, refuse(Malformed, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", clip(date))
	}
	return sig, nil
}

// headerFields takes an Authorization header apart: the algorithm, then key=value pairs between commas or blanks.
func headerFields(header string) (map[string]string, error) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	fields := map[string]string{}
	for _, pair := range strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ' ' }) {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, refuse(Malformed, "Invalid key=value pair (missing equal-sign) in Authorization header %s", hashedShort(header))
		}
		fields[key] = value
	}
	if scheme != algorithm {
		return nil, refuse(Malformed, "Authorization header requires 'Credential' parameter. "+
			"Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. %s", hashed(header))
	}
	return fields, nil
}

// splitCredential reads KEY/DATE/REGION/SERVICE/aws4_request.
func splitCredential(s string) (Credential, error) {
	parts := strings.Split(s, "/")
	if len(parts) != 5 || parts[0] == "" {
		return Credential{}, refuse(Malformed, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", clip(s))
	}
	switch {
	case parts[4] != terminator:
		return Credential{}, refuse(BadSignature, "Credential should be scoped with a valid terminator: 'aws4_request', not '%s'.", clip(parts[4]))
	case !isRegion(parts[2]):
		return Credential{}, refuse(BadSignature, "Credential should be scoped to a valid Region, not '%s'.", clip(parts[2]))
	}
	return Credential{AccessKeyID: parts[0], Date: parts[1], Region: parts[2], Service: parts[3]}, nil
}

// isRegion takes any name that can stand in an ARN: which regions there are is for the operator to say.
func isRegion(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// headerDate gives the time of signing in ISO 8601 basic form, or "" when the request has none.
func headerDate(h http.Header) string {
	if date := h.Get("X-Amz-Date"); date != "" {
		return date
	}
	date := h.Get("Date")
	if t, err := http.ParseTime(date); err == nil {
		return t.UTC().Format(timeFormat)
	}
	return date
}

// hashed is what AWS prints in place of a header that it does not want to show.
func hashed(header string) string {
	return "(Hashed with SHA-256 and encoded with Base64) Authorization=" + digest(header)
}

func hashedShort(header string) string {
	return "(hashed with SHA-256 and encoded with Base64): '" + digest(header) + "'."
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// clip bounds what a text repeats of a request.
func clip(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
