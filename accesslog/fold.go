package accesslog

import "strings"

// Fold makes one line of a format that was pasted over several, as documents print it: each line break, with a backslash
// before it and the indentation after it, becomes one space, or nothing after the comma of a CSV format. Blank lines
// vanish. Text inside a JSON string stays as it is; a line break within one becomes a space. A format of one line is
// returned without the white space around it.
func Fold(s string) string {
	lines := strings.Split(strings.Trim(s, " \t\r\n"), "\n")
	isJSON := strings.HasPrefix(lines[0], "{")
	markup := isJSON || strings.HasPrefix(lines[0], "<")
	var out strings.Builder
	inString, escaped := false, false
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if !inString {
			line = strings.TrimLeft(line, " \t")
		}
		last := i == len(lines)-1
		if isJSON {
			line = cutContinuation(line, inString, last)
			inString, escaped = scanJSON(line, inString, escaped)
		} else {
			line = cutContinuation(line, false, last)
		}
		if !inString {
			line = strings.TrimRight(line, " \t")
		}
		if line == "" && !inString {
			continue
		}
		out.WriteString(line)
		if !last && (markup || !strings.HasSuffix(line, ",")) {
			out.WriteByte(' ')
		}
	}
	return strings.TrimRight(out.String(), " ")
}

// cutContinuation removes the backslash with which a line says that it goes on. At the end of the format, or escaped
// itself inside a string, a backslash is text.
func cutContinuation(line string, inString, last bool) string {
	if last {
		return line
	}
	rest := strings.TrimRight(line, " \t")
	if !strings.HasSuffix(rest, `\`) || inString && strings.HasSuffix(rest, `\\`) {
		return line
	}
	return strings.TrimSuffix(rest, `\`)
}
