package mapping

import (
	"fmt"
	"strings"
)

// symbols are the variables and macros of a template. A variable is known by its slot.
type symbols struct {
	slots  map[string]int
	names  []string
	macros map[string]*macro
}

// The slots of what AWS provides.
const (
	slotInput = iota
	slotContext
	slotStageVariables
	slotUtil
	slotForeach
	slotVelocityCount
	slotBodyContent
)

func newSymbols() *symbols {
	s := &symbols{slots: map[string]int{}, macros: map[string]*macro{}}
	for _, name := range [...]string{"input", "context", "stageVariables", "util", "foreach", "velocityCount", "bodyContent"} {
		s.slot(name)
	}
	return s
}

func (s *symbols) slot(name string) int {
	i, ok := s.slots[name]
	if !ok {
		i = len(s.names)
		s.slots[name] = i
		s.names = append(s.names, name)
	}
	return i
}

// parser reads a template. After the first error it reads no further.
type parser struct {
	src     string
	pos     int
	symbols *symbols
	known   map[string]bool // names of macros that are defined anywhere in the template
	nesting int
	err     error
}

func newParser(text string) *parser {
	return &parser{src: text, symbols: newSymbols(), known: macroNames(text)}
}

// macroNames finds what #macro defines, since a macro may be called before its definition.
func macroNames(text string) map[string]bool {
	names := map[string]bool{}
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "#macro")
		if !ok {
			return names
		}
		rest = after
		if after, ok = strings.CutPrefix(strings.TrimLeft(after, " \t"), "("); ok {
			after = strings.TrimLeft(after, " \t\r\n")
			names[after[:wordEnd(after)]] = true
		}
	}
}

// fail notes an error at an offset.
func (p *parser) fail(at int, format string, args ...any) {
	if p.err != nil {
		return
	}
	before := p.src[:min(at, len(p.src))]
	p.err = &SyntaxError{
		Line:    1 + strings.Count(before, "\n"),
		Column:  len(before) - strings.LastIndexByte(before, '\n'),
		Message: fmt.Sprintf(format, args...),
	}
}

func (p *parser) rest() string { return p.src[p.pos:] }

// nest counts what stands within each other; the function that it returns ends the count.
func (p *parser) nest() (end func()) {
	p.nesting++
	if p.nesting > maxNesting {
		p.fail(p.pos, "more than %d levels within each other", maxNesting)
	}
	return func() { p.nesting-- }
}

func (p *parser) template() []node {
	nodes, stop := p.block()
	if stop != "" {
		p.fail(p.pos, "#%s without a directive to end", stop)
	}
	return nodes
}

// blockUntilEnd reads the body of a directive that began at an offset, with its #end.
func (p *parser) blockUntilEnd(at int, what string) []node {
	nodes, stop := p.block()
	if stop != "end" {
		p.fail(at, "#%s without #end", what)
	}
	return nodes
}

// block reads up to #end, #else or #elseif, which it returns, or the end of the text.
func (p *parser) block() (nodes []node, stop string) {
	defer p.nest()()
	start := p.pos
	for p.err == nil {
		i := strings.IndexAny(p.rest(), `$#\`)
		if i < 0 {
			break
		}
		p.pos += i
		at := p.pos
		item := p.item()
		if !item.found {
			p.pos = max(p.pos, at+1)
			continue
		}
		text := p.src[start:at]
		if item.isSet && strings.Trim(text, " \t") == "" {
			text = ""
		}
		nodes = appendText(nodes, text)
		if item.node != nil {
			nodes = append(nodes, item.node)
		}
		if item.stop != "" {
			return nodes, item.stop
		}
		start = p.pos
	}
	p.pos = len(p.src)
	return appendText(nodes, p.src[start:]), ""
}

func appendText(nodes []node, text string) []node {
	if text == "" {
		return nodes
	}
	return append(nodes, textNode(text))
}

// item is what was found at a $, # or backslash. If nothing was, the character is text.
type item struct {
	found bool
	node  node   // nil: prints nothing
	isSet bool   // blanks in front of it go
	stop  string // ends a block: end, else or elseif
}

func (p *parser) item() item {
	switch p.src[p.pos] {
	case '$':
		return p.referenceItem(0)
	case '#':
		return p.directive()
	}
	return p.escape()
}

// referenceItem reads a reference that has backslashes in front.
func (p *parser) referenceItem(slashes int) item {
	ref := p.reference()
	if ref == nil {
		return item{}
	}
	if slashes > 0 {
		return item{found: true, node: &escapedNode{ref, slashes}}
	}
	return item{found: true, node: ref}
}

// escape reads backslashes. They mean something only in front of a reference or a directive.
func (p *parser) escape() item {
	at := p.pos
	n := len(p.rest()) - len(strings.TrimLeft(p.rest(), `\`))
	p.pos += n
	switch {
	case p.pos == len(p.src):
	case p.src[p.pos] == '$':
		start := p.pos
		if found := p.referenceItem(n); found.found {
			return found
		}
		p.pos = start
	case p.src[p.pos] == '#':
		name, size := directiveName(p.rest())
		if !p.isDirective(name) {
			break
		}
		if n%2 == 0 { // the directive follows
			return item{found: true, node: textNode(p.src[at : at+n/2])}
		}
		p.pos += size
		return item{found: true, node: textNode(p.src[at:at+n/2] + p.src[p.pos-size:p.pos])}
	}
	return item{}
}

// read reads the directives with arguments; the parenthesis has been opened.
func (p *parser) read(name string, at int) item {
	switch name {
	case "set":
		return p.set()
	case "if":
		return p.ifDirective(at)
	case "foreach":
		return p.foreach(at)
	case "macro":
		return p.macro(at)
	case "define":
		return p.define(at)
	case "evaluate":
		return p.evaluate()
	case "include", "parse":
		p.fail(at, "#%s is not allowed: a mapping template has no files to read", name)
		return item{}
	}
	return p.macroCall(name, at)
}

func (p *parser) isDirective(name string) bool {
	switch name {
	case "else", "elseif", "end", "stop", "break", "set", "if", "foreach", "macro", "define", "evaluate", "include", "parse":
		return true
	}
	return p.known[name]
}

// directive reads what a # begins.
func (p *parser) directive() item {
	at, rest := p.pos, p.rest()
	switch {
	case strings.HasPrefix(rest, "##"):
		p.skipLine()
		return item{found: true}
	case strings.HasPrefix(rest, "#*"):
		_, after, _ := strings.Cut(rest[2:], "*#")
		p.pos = len(p.src) - len(after)
		return item{found: true}
	case strings.HasPrefix(rest, "#[["):
		return p.literal(at)
	}
	name, size := directiveName(rest)
	if name == "" {
		return item{}
	}
	p.pos += size
	return p.named(name, at)
}

func (p *parser) named(name string, at int) item {
	switch name {
	case "end", "else":
		p.eatLine()
		return item{found: true, stop: name}
	case "elseif":
		return item{found: true, stop: name}
	case "stop":
		return item{found: true, node: leaveNode(stopped)}
	case "break":
		if p.opens() { // a scope to leave may be named
			p.expression()
			p.close()
		}
		return item{found: true, node: leaveNode(breaking)}
	}
	if !p.opens() {
		if name == "if" {
			p.fail(at, "#if without a condition")
		}
		return item{}
	}
	return p.read(name, at)
}

// literal reads #[[ text ]]#.
func (p *parser) literal(at int) item {
	text, after, ok := strings.Cut(p.rest()[3:], "]]#")
	if !ok {
		p.fail(at, "#[[ without ]]#")
		return item{}
	}
	p.pos = len(p.src) - len(after)
	return item{found: true, node: textNode(text)}
}

// directiveName reads #name or #{name}.
func directiveName(s string) (name string, size int) {
	s = s[1:]
	if inner, ok := strings.CutPrefix(s, "{"); ok {
		n := wordEnd(inner)
		if n == 0 || n == len(inner) || inner[n] != '}' {
			return "", 0
		}
		return inner[:n], n + 3
	}
	n := wordEnd(s)
	return s[:n], n + 1
}

// wordEnd is where the name of a directive or macro ends.
func wordEnd(s string) int {
	for i := range len(s) {
		c := s[i]
		if !isLetter(c) && c != '@' && (i == 0 || !isDigit(c)) {
			return i
		}
	}
	return len(s)
}

// identEnd is where the name of a variable, property or method ends.
func identEnd(s string) int {
	for i := range len(s) {
		c := s[i]
		if !isLetter(c) && (i == 0 || !isDigit(c) && c != '-') {
			return i
		}
	}
	return len(s)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (p *parser) skipLine() {
	i := strings.IndexAny(p.rest(), "\r\n")
	if i < 0 {
		p.pos = len(p.src)
		return
	}
	p.pos += i
	p.newline()
}

// newline eats one end of a line and reports whether there was one.
func (p *parser) newline() bool {
	switch rest := p.rest(); {
	case strings.HasPrefix(rest, "\r\n"):
		p.pos += 2
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		p.pos++
	default:
		return false
	}
	return true
}

// eatLine eats the end of the line after a directive, if only blanks are left of it.
func (p *parser) eatLine() {
	start := p.pos
	p.pos = len(p.src) - len(strings.TrimLeft(p.rest(), " \t"))
	if !p.newline() {
		p.pos = start
	}
}

// space skips white space.
func (p *parser) space() { p.pos = len(p.src) - len(strings.TrimLeft(p.rest(), " \t\r\n")) }

// accept skips white space and then s, if it is there.
func (p *parser) accept(s string) bool {
	p.space()
	if !strings.HasPrefix(p.rest(), s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) expect(s string) {
	if !p.accept(s) {
		p.fail(p.pos, "%q expected", s)
	}
}

// opens reports whether an opening parenthesis follows, and skips it.
func (p *parser) opens() bool {
	start := p.pos
	if p.accept("(") {
		return true
	}
	p.pos = start
	return false
}

// close skips the closing parenthesis of a directive, with the end of its line.
func (p *parser) close() {
	p.expect(")")
	p.eatLine()
}
