package insights

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// patternMiner finds the patterns of many texts. It works in two parts.
//
// add replaces the dynamic words of a text by their kinds; texts that are then equal count as one, their skeleton. So
// the order of texts does not matter, and what several miners have counted can be merged.
//
// patterns then clusters the skeletons, of which there are few: as Drain does (He et al., "Drain: an online log parsing
// approach with fixed depth tree", ICWS 2017), one joins the cluster that it shares most words with, if that is more
// than half of them; words that differ become dynamic. Where Drain's tree branches by length and first words, clusters
// here are found by their frame, that is what stands between words. Skeletons come in order of their counts, so that the
// result does not depend on the order of texts. It is not safe for concurrent use.
type patternMiner struct {
	memory    *budget
	skeletons map[string]*skeleton
	words     []word // of the text at hand
	key       []byte
}

// skeleton is what texts have in common that differ in dynamic words only.
type skeleton struct {
	text   string // the least of the texts
	words  []word // of text
	counts [2]int64
	varies []bool // for each word: whether texts differ in it
}

func newPatternMiner(memory *budget) *patternMiner {
	return &patternMiner{memory: memory, skeletons: map[string]*skeleton{}}
}

// add counts a text; side says which of the two counts of a pattern it is for.
func (m *patternMiner) add(text string, side int) error {
	m.words = appendWords(m.words[:0], text)
	m.key = appendSkeleton(m.key[:0], text, m.words)
	s := m.skeletons[string(m.key)]
	if s == nil {
		s = &skeleton{text: strings.Clone(text), words: slices.Clone(m.words), varies: make([]bool, len(m.words))}
		if err := m.insert(string(m.key), s); err != nil {
			return err
		}
	} else {
		s.see(text, m.words)
	}
	s.counts[side]++
	return nil
}

func (m *patternMiner) insert(key string, s *skeleton) error {
	m.skeletons[key] = s
	return m.memory.take(s.bytes(key))
}

// bytes is about how much memory a skeleton and its key take.
func (s *skeleton) bytes(key string) int64 {
	return int64(len(key) + len(s.text) + 33*len(s.words) + 200)
}

// merge adds what another miner has counted, which must not be used any more.
func (m *patternMiner) merge(ctx context.Context, other *patternMiner) error {
	merged := 0
	for key, s := range other.skeletons {
		if merged++; merged%checkRows == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		mine := m.skeletons[key]
		if mine == nil {
			m.skeletons[key] = s // of which the budget, which they share, knows
			continue
		}
		m.memory.give(s.bytes(key))
		mine.see(s.text, s.words)
		for i, varies := range s.varies {
			mine.varies[i] = mine.varies[i] || varies
		}
		mine.counts[0] += s.counts[0]
		mine.counts[1] += s.counts[1]
	}
	return nil
}

// see notes which words of a text with the same skeleton differ. The text that stays is the least, so that it is the
// same in whatever order they come.
func (s *skeleton) see(text string, words []word) {
	if text == s.text {
		return
	}
	for i, w := range words {
		if w.kind != static && !s.varies[i] {
			s.varies[i] = text[w.start:w.end] != s.word(i)
		}
	}
	if text < s.text {
		s.text = strings.Clone(text)
		copy(s.words, words)
	}
}

func (s *skeleton) word(i int) string { return s.text[s.words[i].start:s.words[i].end] }

// appendSkeleton appends a text with 0 and its kind in place of each dynamic word.
func appendSkeleton(key []byte, text string, words []word) []byte {
	at := 0
	for _, w := range words {
		if w.kind != static {
			key = append(appendLiteral(key, text[at:w.start]), 0, byte(w.kind))
			at = w.end
		}
	}
	return appendLiteral(key, text[at:])
}

// appendLiteral appends a text so that a 0 in it is not taken for one that stands for a word.
func appendLiteral(key []byte, text string) []byte {
	for {
		i := strings.IndexByte(text, 0)
		if i < 0 {
			return append(key, text...)
		}
		key = append(append(key, text[:i]...), 0, 0xff)
		text = text[i+1:]
	}
}

// pattern is a shape that texts share.
type pattern struct {
	text     string // with <Kind-N> for the Nth dynamic word
	regex    string // matches the texts
	severity string // ERROR, WARN, INFO or DEBUG; "" if no word says it
	counts   [2]int64
}

// id is the same for the same pattern wherever it is found.
func (p *pattern) id() string {
	sum := sha256.Sum256([]byte(p.text))
	return hex.EncodeToString(sum[:16])
}

// patterns returns what was found, the most frequent first, by both counts together.
func (m *patternMiner) patterns(ctx context.Context) ([]pattern, error) {
	clusters, err := m.clusters(ctx)
	if err != nil {
		return nil, err
	}
	byText := map[string]*pattern{}
	var found []*pattern
	for i, c := range clusters {
		if i%checkRows == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		p := c.pattern()
		if err := m.memory.take(p.bytes()); err != nil {
			return nil, err
		}
		if known := byText[p.text]; known != nil { // clusters that look alike, their words being dynamic
			known.counts[0] += p.counts[0]
			known.counts[1] += p.counts[1]
			continue
		}
		byText[p.text] = p
		found = append(found, p)
	}
	out := make([]pattern, len(found))
	for i, p := range found {
		out[i] = *p
	}
	err = sortUntil(ctx, out, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(b.counts[0]+b.counts[1], a.counts[0]+a.counts[1]), strings.Compare(a.text, b.text))
	})
	return out, err
}

// bytes is about how much memory a pattern takes, and later its row.
func (p *pattern) bytes() int64 {
	return int64(2*len(p.text)+len(p.regex)) + 200 + rowBytes + int64(len(diffColumns))*valueBytes
}

// constantFrom is how many texts must agree in a number or an identifier for it to be no dynamic word.
const constantFrom = 3

// pattern writes a cluster as a pattern.
func (c *cluster) pattern() *pattern {
	var text, regex strings.Builder
	at, dynamic := 0, 0
	for i, w := range c.words {
		between := c.text[at:w.start]
		text.WriteString(between)
		regex.WriteString(regexp.QuoteMeta(between))
		at = w.end
		if c.isDynamic(i) {
			dynamic++
			text.WriteString("<" + w.kind.name() + "-" + strconv.Itoa(dynamic) + ">")
			regex.WriteString(".*?")
			continue
		}
		text.WriteString(c.word(i))
		regex.WriteString(regexp.QuoteMeta(c.word(i)))
	}
	text.WriteString(c.text[at:])
	regex.WriteString(regexp.QuoteMeta(c.text[at:]))
	return &pattern{text: text.String(), regex: "(?s)^" + regex.String() + "$", severity: c.severity(), counts: c.counts}
}

func (c *cluster) isDynamic(i int) bool {
	switch c.words[i].kind {
	case static:
		return false
	case tokenNumber, tokenOther:
		return c.varies[i] || c.counts[0]+c.counts[1] < constantFrom
	}
	return true
}

// severity is said by the first word that names a level: in capitals anywhere, or in any case behind level or severity.
func (c *cluster) severity() string {
	for i, w := range c.words {
		if w.kind != static {
			continue
		}
		text := c.word(i)
		level := severities[strings.ToUpper(text)]
		if level == "" {
			continue
		}
		if text == strings.ToUpper(text) || i > 0 && namesSeverity(c.word(i-1)) {
			return level
		}
	}
	return ""
}

func namesSeverity(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "level") || strings.HasSuffix(name, "severity") || name == "lvl"
}

// severities are the words that loggers use for levels.
var severities = map[string]string{
	"FATAL": "ERROR", "CRITICAL": "ERROR", "SEVERE": "ERROR", "PANIC": "ERROR", "ERROR": "ERROR", "ERR": "ERROR",
	"WARNING": "WARN", "WARN": "WARN", "NOTICE": "INFO", "INFO": "INFO", "DEBUG": "DEBUG", "TRACE": "DEBUG",
}
