package insights

import (
	regexsyntax "regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// What a regular expression requires is a list of clauses, of each of which every match contains a needle.

// minRequired is the length in bytes below which a literal says too little about a text to be worth looking for;
// maxNeedles is how many are looked for at most instead of matching.
const (
	minRequired = 3
	maxNeedles  = 16
)

// requiredLiterals returns texts that everything contains which a regular expression matches, byte for byte. None are
// known for many expressions, nor for one that is wrong.
func requiredLiterals(pattern string) []string {
	parsed, err := regexsyntax.Parse(pattern, regexsyntax.Perl)
	if err != nil {
		return nil
	}
	var texts []string
	for _, c := range clausesOf(parsed.Simplify()) {
		if len(c) == 1 {
			texts = append(texts, c[0].exact...)
		}
	}
	return texts
}

// clause is needles of which one must be there.
type clause []needle

func (c clause) in(s string) bool {
	for i := range c {
		if c[i].in(s) {
			return true
		}
	}
	return false
}

// worth says how much is known by a clause: by its shortest needle. What is looked for in any case takes longer.
func (c clause) worth() int {
	least := 0
	for i, n := range c {
		worth := 2 * len(n.text)
		if n.folded {
			worth = len(n.text)
		}
		if i == 0 || worth < least {
			least = worth
		}
	}
	return least
}

func best(clauses []clause) clause {
	var best clause
	for _, c := range clauses {
		if c.worth() > best.worth() {
			best = c
		}
	}
	return best
}

// clausesOf returns what a simplified expression requires.
func clausesOf(re *regexsyntax.Regexp) []clause {
	var s requiredSequence
	s.add(re)
	s.cut()
	return s.clauses
}

// requiredSequence collects what is required by parts that follow one another, joining the literals among them.
type requiredSequence struct {
	clauses []clause
	run     literalRun // the literal that ends where the next part begins
}

func (s *requiredSequence) add(re *regexsyntax.Regexp) {
	switch re.Op {
	case regexsyntax.OpLiteral:
		if !s.run.add(re) {
			s.cut()
		}
	case regexsyntax.OpConcat, regexsyntax.OpCapture:
		for _, sub := range re.Sub {
			s.add(sub)
		}
	case regexsyntax.OpPlus: // begins and ends with what it repeats
		s.add(re.Sub[0])
		s.cut()
		if re.Sub[0].Op == regexsyntax.OpLiteral { // of all else the end is not worth a second walk
			s.add(re.Sub[0])
		}
	case regexsyntax.OpAlternate:
		s.addBranches(re.Sub)
		s.cut()
	case regexsyntax.OpEmptyMatch, regexsyntax.OpBeginLine, regexsyntax.OpEndLine, regexsyntax.OpBeginText,
		regexsyntax.OpEndText, regexsyntax.OpWordBoundary, regexsyntax.OpNoWordBoundary: // match no character
	default:
		s.cut()
	}
}

// addBranches joins the best clauses of the branches, each of which goes on from the literal before.
func (s *requiredSequence) addBranches(branches []*regexsyntax.Regexp) {
	var joined clause
	for _, branch := range branches {
		branched := requiredSequence{run: slices.Clone(s.run)}
		branched.add(branch)
		branched.cut()
		c := best(branched.clauses)
		if joined = append(joined, c...); c == nil || len(joined) > maxNeedles {
			return
		}
	}
	s.clauses = append(s.clauses, joined)
}

func (s *requiredSequence) cut() {
	if n := s.run.needle(); len(n.text) >= minRequired {
		s.clauses = append(s.clauses, clause{n})
	}
	s.run = nil
}

// literalRun is characters that follow one another in every match.
type literalRun []literalRune

type literalRune struct {
	r      rune // in lower case if folded
	folded bool // it matches in both cases
}

// add adds a literal. It returns false, and adds nothing, where a character is not certain: beyond ASCII there are several
// ways to fold one, and U+FFFD matches bytes that are not UTF-8.
func (l *literalRun) add(re *regexsyntax.Regexp) bool {
	fold := re.Flags&regexsyntax.FoldCase != 0
	added := *l
	for _, r := range re.Rune {
		folded := fold && unicode.SimpleFold(r) != r
		if r == utf8.RuneError || folded && r >= utf8.RuneSelf {
			return false
		}
		if folded {
			r = unicode.ToLower(r)
		}
		added = append(added, literalRune{r, folded})
	}
	*l = added
	return true
}

// needle is the run as one text. Its exact parts are those that are not folded.
func (l literalRun) needle() needle {
	n := needle{folded: slices.ContainsFunc(l, func(c literalRune) bool { return c.folded })}
	var text, exact []byte
	for _, c := range l {
		text = utf8.AppendRune(text, c.r)
		n.foreign = n.foreign || c.folded && (c.r == 'k' || c.r == 's')
		if !c.folded {
			exact = utf8.AppendRune(exact, c.r)
			continue
		}
		n.exact, exact = appendRequired(n.exact, exact), nil
	}
	n.exact = appendRequired(n.exact, exact)
	if n.folded {
		for i, c := range text {
			text[i] = lowerASCII[c]
		}
	}
	n.text = string(text)
	return n
}

func appendRequired(texts []string, text []byte) []string {
	if len(text) < minRequired {
		return texts
	}
	return append(texts, string(text))
}
