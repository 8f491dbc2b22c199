package state

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// where collects the conditions of a query, for those whose conditions depend on the request. The texts come from few
// constants, so the statements prepared from them stay few.
type where struct {
	conditions []string
	args       []any
}

// and adds a condition; each ? in it stands for one of the args.
func (w *where) and(condition string, args ...any) {
	for _, arg := range args {
		condition = strings.Replace(condition, "?", w.arg(arg), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// arg adds an argument and returns its placeholder, in the form that SQLite and PostgreSQL share.
func (w *where) arg(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) String() string { return " WHERE " + strings.Join(w.conditions, " AND ") }

// prefix asks for names that begin with prefix, by bounds that an index can serve.
func (w *where) prefix(prefix string) {
	if prefix == "" {
		return
	}
	w.and("name >= ?", prefix)
	if end, ok := prefixEnd(prefix); ok {
		w.and("name < ?", end)
	}
}

// contains asks for names with substring in them. Neither LIKE (in SQLite it ignores case) nor instr (PostgreSQL has
// none) means the same in both databases; replace does.
func (w *where) contains(substring string) {
	if substring != "" {
		w.and("replace(name, ?, '') <> name", substring)
	}
}

// prefixEnd returns the lowest text above all that begin with prefix; false if there is none.
func prefixEnd(prefix string) (string, bool) {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case r == 0xD7FF:
			return prefix + "\uE000", true // what lies between is no text
		case r < utf8.MaxRune:
			return prefix + string(r+1), true
		}
	}
	return "", false
}
