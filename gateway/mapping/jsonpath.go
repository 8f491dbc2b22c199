package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// JSONPath as AWS has it, which is that of the Java library by Jayway: a path that names one place gives the value there,
// any other path a list of what it finds. We have our own since a library would have to work on documents that keep the
// order of their keys, and stop at our limits; those for Go do neither, and follow RFC 9535, which differs.
//
//	$  .name  ['name']  ['a','b']  [0]  [-1]  [0,2]  [1:3]  [*]  .*  ..name  [?(@.price < 10 && @.name =~ /a.*/i)]  .length()
type jsonPath struct {
	steps    []pathStep
	definite bool // names one place
}

type pathStep struct {
	kind    stepKind
	deep    bool     // also everywhere below
	names   []string // of stepName
	indexes []int    // of stepIndex
	from    *int     // of stepSlice; nil: from the beginning
	to      *int
	filter  filter // of stepFilter
}

type stepKind uint8

const (
	stepName stepKind = iota
	stepIndex
	stepSlice
	stepAll
	stepFilter
	stepFunction // names[0]
)

// path compiles a path, or takes it from those that this run's template used before.
func (r *run) path(text string) *jsonPath {
	if p, ok := r.paths[text]; ok {
		return p
	}
	p, err := parsePath(strings.Clone(text))
	if err != nil {
		r.fail("%w", err)
		return nil
	}
	r.paths = remember(r.paths, text, p)
	return p
}

// find evaluates a path; nil if nothing is there.
func (r *run) find(p *jsonPath, root any) any {
	steps := p.steps
	var function *pathStep
	if n := len(steps); n > 0 && steps[n-1].kind == stepFunction {
		function, steps = &steps[n-1], steps[:n-1]
	}
	var v any
	if p.definite {
		v = r.findOne(steps, root)
	} else {
		w := &walker{run: r, root: root, found: &List{json: true}}
		w.walk(steps, root, 0)
		v = w.found
	}
	if function != nil {
		return r.pathFunction(function.names[0], v)
	}
	return v
}

func (r *run) findOne(steps []pathStep, v any) any {
	for i := range steps {
		switch at := v.(type) {
		case *Map:
			if steps[i].kind != stepName {
				return nil
			}
			v = at.get(steps[i].names[0])
		case *List:
			if steps[i].kind != stepIndex {
				return nil
			}
			v = at.at(steps[i].indexes[0])
		default:
			return nil
		}
	}
	return v
}

// at is the item at an index, which counts from the end if it is negative.
func (l *List) at(i int) any {
	if i < 0 {
		i += len(l.items)
	}
	if i < 0 || i >= len(l.items) {
		return nil
	}
	return l.items[i]
}

// walker collects what a path finds.
type walker struct {
	run   *run
	root  any
	found *List
}

func (w *walker) walk(steps []pathStep, v any, depth int) {
	if !w.run.step() || w.run.tooDeep(depth) {
		return
	}
	if len(steps) == 0 {
		if w.run.spend(valueBytes) {
			w.found.items = append(w.found.items, v)
		}
		return
	}
	step, rest := &steps[0], steps[1:]
	w.apply(step, rest, v, depth)
	if !step.deep {
		return
	}
	for _, child := range children(v) {
		if w.walk(steps, child, depth+1); w.run.state == failed {
			return
		}
	}
}

func (w *walker) apply(step *pathStep, rest []pathStep, v any, depth int) {
	switch step.kind {
	case stepName:
		w.names(step, rest, v, depth)
	case stepIndex:
		if l, ok := v.(*List); ok {
			for _, i := range step.indexes {
				if i < len(l.items) && i >= -len(l.items) {
					w.walk(rest, l.at(i), depth+1)
				}
			}
		}
	case stepSlice:
		if l, ok := v.(*List); ok {
			from, to := bound(step.from, 0, len(l.items)), bound(step.to, len(l.items), len(l.items))
			for i := from; i < to; i++ {
				w.walk(rest, l.items[i], depth+1)
			}
		}
	case stepAll:
		for _, child := range children(v) {
			w.walk(rest, child, depth+1)
		}
	case stepFilter:
		w.filter(step, rest, v, depth)
	}
}

// names looks up one name, or several, which make an object of their own.
func (w *walker) names(step *pathStep, rest []pathStep, v any, depth int) {
	m, ok := v.(*Map)
	if !ok {
		return
	}
	if len(step.names) == 1 {
		if i := m.find(step.names[0]); i >= 0 {
			w.walk(rest, m.values[i], depth+1)
		}
		return
	}
	picked := &Map{}
	for _, name := range step.names {
		if i := m.find(name); i >= 0 && w.run.spend(2*valueBytes) {
			picked.put(name, m.values[i])
		}
	}
	w.walk(rest, picked, depth+1)
}

// filter keeps the items of a list, or an object as a whole.
func (w *walker) filter(step *pathStep, rest []pathStep, v any, depth int) {
	items := []any{v}
	if l, ok := v.(*List); ok {
		items = l.items
	} else if _, ok := v.(*Map); !ok {
		return
	}
	for _, item := range items {
		if w.run.state == failed {
			return
		}
		if step.filter.holds(w, item) {
			w.walk(rest, item, depth+1)
		}
	}
}

// bound is a bound of a slice, within the list.
func bound(n *int, missing, length int) int {
	if n == nil {
		return missing
	}
	i := *n
	if i < 0 {
		i += length
	}
	return min(max(i, 0), length)
}

func children(v any) []any {
	switch v := v.(type) {
	case *Map:
		return v.values
	case *List:
		return v.items
	}
	return nil
}

// pathFunctions are those at the end of a path.
var pathFunctions = []string{"length", "size", "min", "max", "avg", "sum", "keys", "first", "last"}

func (r *run) pathFunction(name string, v any) any {
	switch name {
	case "length", "size":
		switch v := v.(type) {
		case *List:
			return int64(len(v.items))
		case *Map:
			return int64(len(v.keys))
		case string:
			return int64(javaLength(v))
		}
		return nil
	case "keys":
		if m, ok := v.(*Map); ok {
			return r.texts(m.keys)
		}
		return nil
	}
	l, ok := v.(*List)
	if !ok || len(l.items) == 0 {
		return nil
	}
	switch name {
	case "first":
		return l.items[0]
	case "last":
		return l.items[len(l.items)-1]
	}
	return aggregate(name, l.items)
}

// aggregate computes over the numbers of a list, as fractions.
func aggregate(name string, items []any) any {
	var numbers []float64
	for _, item := range items {
		if n := numeric(item); n != nil {
			numbers = append(numbers, toFloat(n))
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	switch name {
	case "min":
		return slices.Min(numbers)
	case "max":
		return slices.Max(numbers)
	}
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	if name == "avg" {
		return sum / float64(len(numbers))
	}
	return sum
}

// pathParser reads a path.
type pathParser struct {
	text  string
	pos   int
	depth int
	err   error
}

func parsePath(text string) (*jsonPath, error) {
	p := &pathParser{text: strings.TrimSpace(text)}
	if p.text == "" {
		p.fail("it is empty")
	} else if c := p.text[0]; c != '$' && c != '@' {
		p.text = "$." + p.text
	}
	p.pos = 1
	path := p.path()
	if p.err == nil && p.pos < len(p.text) {
		p.fail("end expected")
	}
	return path, p.err
}

func (p *pathParser) fail(message string) {
	if p.err == nil {
		p.err = fmt.Errorf("JSONPath %q, character %d: %s", p.text, p.pos+1, message)
	}
}

func (p *pathParser) rest() string { return p.text[p.pos:] }

func (p *pathParser) accept(s string) bool {
	if strings.HasPrefix(p.rest(), s) {
		p.pos += len(s)
		return true
	}
	return false
}

func (p *pathParser) space() {
	p.pos = len(p.text) - len(strings.TrimLeft(p.rest(), " \t\r\n"))
}

// path reads steps, from behind $ or @ to the first character that belongs to none.
func (p *pathParser) path() *jsonPath {
	path := &jsonPath{definite: true}
	for p.err == nil && p.pos < len(p.text) {
		var step pathStep
		switch {
		case p.accept(".."):
			step.deep = true
			if p.accept("[") {
				p.bracket(&step)
			} else {
				p.name(&step)
			}
		case p.accept("."):
			if p.accept("[") {
				p.bracket(&step)
			} else {
				p.name(&step)
			}
		case p.accept("["):
			p.bracket(&step)
		default:
			return path
		}
		if step.kind != stepFunction {
			path.definite = path.definite && step.definite()
		}
		if n := len(path.steps); n > 0 && path.steps[n-1].kind == stepFunction {
			p.fail("nothing may follow a function")
		}
		path.steps = append(path.steps, step)
	}
	return path
}

func (s *pathStep) definite() bool {
	return !s.deep && (s.kind == stepName && len(s.names) == 1 || s.kind == stepIndex && len(s.indexes) == 1)
}

// nameEnders end a name without quotation marks.
const nameEnders = ".[]()<>=!&|,?@ \t\r\n'\""

func (p *pathParser) name(step *pathStep) {
	if p.accept("*") {
		step.kind = stepAll
		return
	}
	n := strings.IndexAny(p.rest(), nameEnders)
	if n < 0 {
		n = len(p.rest())
	}
	name := p.rest()[:n]
	if name == "" {
		p.fail("name expected")
		return
	}
	p.pos += n
	step.names = []string{name}
	if p.accept("()") {
		step.kind = stepFunction
		if !slices.Contains(pathFunctions, name) {
			p.fail("unknown function " + name)
		}
	}
}

func (p *pathParser) bracket(step *pathStep) {
	p.space()
	switch rest := p.rest(); {
	case p.accept("*"):
		step.kind = stepAll
	case p.accept("?"):
		step.kind = stepFilter
		p.space()
		step.filter = p.filter()
	case strings.HasPrefix(rest, "'"), strings.HasPrefix(rest, `"`):
		p.quotedNames(step)
	default:
		p.indexes(step)
	}
	p.space()
	if !p.accept("]") {
		p.fail("] expected")
	}
}

func (p *pathParser) quotedNames(step *pathStep) {
	for p.err == nil {
		p.space()
		step.names = append(step.names, p.quoted())
		p.space()
		if !p.accept(",") {
			return
		}
	}
}

// quoted reads a string in either kind of quotation marks, with \ for escapes.
func (p *pathParser) quoted() string {
	if p.pos == len(p.text) || p.text[p.pos] != '\'' && p.text[p.pos] != '"' {
		p.fail("string expected")
		return ""
	}
	mark := p.text[p.pos]
	var b strings.Builder
	for i := p.pos + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == mark:
			p.pos = i + 1
			return b.String()
		case c == '\\' && i+1 < len(p.text):
			i++
			b.WriteByte(p.text[i])
		default:
			b.WriteByte(c)
		}
	}
	p.fail("string without an end")
	return ""
}

// indexes reads 0 or 0,1 or 1:3.
func (p *pathParser) indexes(step *pathStep) {
	step.kind = stepIndex
	first := p.integer()
	p.space()
	if p.accept(":") {
		step.kind, step.from = stepSlice, first
		p.space()
		step.to = p.integer()
		return
	}
	for p.err == nil {
		if first == nil {
			p.fail("index expected")
			return
		}
		step.indexes = append(step.indexes, *first)
		p.space()
		if !p.accept(",") {
			return
		}
		p.space()
		first = p.integer()
	}
}

func (p *pathParser) integer() *int {
	n := 0
	for n < len(p.rest()) && (isDigit(p.rest()[n]) || n == 0 && p.rest()[n] == '-') {
		n++
	}
	if n == 0 {
		return nil
	}
	i, err := strconv.Atoi(p.rest()[:n])
	if err != nil {
		p.fail("index expected")
	}
	p.pos += n
	return &i
}
