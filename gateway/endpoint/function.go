package endpoint

import "strings"

// Function is a Lambda function.
type Function struct {
	ARN       string // as it was given, with the qualifier
	Region    string
	Name      string
	Qualifier string // alias or version; empty: the unpublished version
}

// ParseFunction takes apart arn:aws:lambda:{region}:{account}:function:{name}[:{qualifier}].
func ParseFunction(arn string) (Function, bool) {
	parts := strings.Split(arn, ":")
	if len(parts) < 7 || len(parts) > 8 || parts[0] != "arn" || parts[2] != "lambda" || parts[5] != "function" || parts[6] == "" {
		return Function{}, false
	}
	f := Function{ARN: arn, Region: parts[3], Name: parts[6]}
	if len(parts) == 8 {
		f.Qualifier = parts[7]
	}
	return f, f.Region != "" && strings.IndexFunc(arn, isControl) < 0
}

func isControl(r rune) bool { return r <= ' ' || r == 0x7f }

// matches reports whether a pattern names the function: by name or ARN, with or without its qualifier.
func (f Function) matches(pattern string) bool {
	if like(pattern, f.Name) || like(pattern, f.ARN) {
		return true
	}
	return f.Qualifier != "" &&
		(like(pattern, f.Name+":"+f.Qualifier) || like(pattern, strings.TrimSuffix(f.ARN, ":"+f.Qualifier)))
}

// like matches text with a pattern in which * stands for any text.
func like(pattern, text string) bool {
	first, rest, open := strings.Cut(pattern, "*")
	if !open {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		_, found, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text, rest = found, after
	}
}
