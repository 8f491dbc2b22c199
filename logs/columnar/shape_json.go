package columnar

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

const (
	maxJSONDepth = 32
	maxJSONKeys  = 4 * maxSlots // of one message, those of nested objects too
)

// jsonParser reads one JSON object: its scalars become slots.
type jsonParser struct {
	shapeBuilder
	at        int
	depth     int
	keys      int
	wantPaths bool
	path      []string
	paths     [][]string // of the slots, if wanted
}

// jsonShape is the shape of a message that looksLikeObject, or nil if it can have none.
func jsonShape(m string) *shape {
	p := jsonParser{shapeBuilder: shapeBuilder{m: m, shape: shape{json: true}}}
	if !p.message() {
		return nil
	}
	return p.done()
}

// jsonPaths are the paths of the slots of a JSON shape, or nil if its literals are no JSON after all.
func (s *shape) jsonPaths() [][]string {
	var text strings.Builder
	for k, kind := range s.slots {
		text.WriteString(s.literals[k])
		if kind == slotBare {
			text.WriteByte('0')
		}
	}
	text.WriteString(s.literals[len(s.slots)])
	p := jsonParser{shapeBuilder: shapeBuilder{m: text.String()}, wantPaths: true}
	if !p.message() || !slices.Equal(p.slots, s.slots) {
		return nil
	}
	return p.paths
}

func (p *jsonParser) message() bool {
	p.space()
	if !p.object() {
		return false
	}
	p.space()
	return p.at == len(p.m)
}

func (p *jsonParser) space() {
	for p.at < len(p.m) {
		switch p.m[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// take goes past c, and the blanks before it, if it comes next.
func (p *jsonParser) take(c byte) bool {
	p.space()
	if p.at < len(p.m) && p.m[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *jsonParser) object() bool {
	var seen keySet
	return p.members('{', '}', func(int) bool {
		key, ok := p.key()
		return ok && seen.add(key) && p.value(key)
	})
}

func (p *jsonParser) array() bool {
	return p.members('[', ']', func(i int) bool {
		if !p.wantPaths {
			return p.value("")
		}
		return p.value(strconv.Itoa(i))
	})
}

// members reads what stands between two brackets with commas between.
func (p *jsonParser) members(open, closing byte, member func(i int) bool) bool {
	if p.depth++; p.depth > maxJSONDepth || !p.take(open) {
		return false
	}
	for i := 0; ; i++ {
		if i == 0 && p.take(closing) {
			break
		}
		if !member(i) {
			return false
		}
		if p.take(closing) {
			break
		}
		if !p.take(',') {
			return false
		}
	}
	p.depth--
	return true
}

// key reads a member's name and the colon behind it.
func (p *jsonParser) key() (string, bool) {
	if p.keys++; p.keys > maxJSONKeys || !p.take('"') {
		return "", false
	}
	end := stringEnd(p.m, p.at)
	if end < 0 {
		return "", false
	}
	key := p.m[p.at:end]
	p.at = end + 1
	return unescape(key), p.take(':')
}

func (p *jsonParser) value(step string) bool {
	p.space()
	if p.at >= len(p.m) {
		return false
	}
	p.path = append(p.path, step)
	ok := false
	switch p.m[p.at] {
	case '{':
		ok = p.object()
	case '[':
		ok = p.array()
	case '"':
		ok = p.scalar(slotString, p.at+1, stringEnd(p.m, p.at+1))
		p.at++
	default:
		ok = p.scalar(slotBare, p.at, bareEnd(p.m, p.at))
	}
	p.path = p.path[:len(p.path)-1]
	return ok
}

func (p *jsonParser) scalar(kind slotKind, start, end int) bool {
	if end < 0 {
		return false
	}
	if p.wantPaths {
		p.paths = append(p.paths, slices.Clone(p.path))
	}
	p.at = end
	return p.slot(kind, start, end)
}

// unescape is what the inside of a valid JSON string says.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out string
	if json.Unmarshal([]byte(`"`+s+`"`), &out) != nil {
		return s
	}
	return out
}

// keySet knows the keys of one object.
type keySet struct {
	few  []string
	many map[string]struct{}
}

// add is false for a key that is there already.
func (k *keySet) add(key string) bool {
	if k.many == nil && len(k.few) < 16 {
		if slices.Contains(k.few, key) {
			return false
		}
		k.few = append(k.few, key)
		return true
	}
	if k.many == nil {
		k.many = make(map[string]struct{}, 64)
		for _, f := range k.few {
			k.many[f] = struct{}{}
		}
	}
	if _, twice := k.many[key]; twice {
		return false
	}
	k.many[key] = struct{}{}
	return true
}
