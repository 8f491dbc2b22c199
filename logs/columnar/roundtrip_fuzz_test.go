package columnar

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/condition"
)

// FuzzMessages: any messages and any positions come back as they were.
func FuzzMessages(f *testing.F) {
	r := rand.New(rand.NewSource(1))
	for _, name := range lookNames() {
		f.Add(strings.Join(lookRows(1, 12, name).Messages, "\x01"), int64(1), uint64(5), uint8(3))
	}
	f.Add("", int64(-1<<63), ^uint64(0), uint8(200))
	f.Add(uuid(r)+"\x01\x01{\"a\":\"\xc3\x28\"}", int64(1<<62), uint64(1<<63), uint8(0))
	f.Fuzz(func(t *testing.T, joined string, at int64, arrival uint64, repeat uint8) {
		rows := &Rows{}
		for range int(repeat)%20 + 1 {
			for _, m := range strings.Split(joined, "\x01") {
				at = at*3 + 1
				rows.add(at, at^int64(arrival), arrival, m)
				arrival += uint64(len(m))
			}
		}
		if len(rows.Messages) > MaxRows {
			return
		}
		requireRows(t, encode(rows), rows)
	})
}

// FuzzTemplate: rows of one template with values changed come back, and conditions lose none of them.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"id":"%","n":%,"s":["%",true]}`, "3dcb935a-11bf-c844-3cf4-e84000cd61f5", "7", int64(1), `"n":7`)
	f.Add(`% - - [%] "GET /% HTTP/1.1" % -`, "10.0.0.1", "02/Jan/2006:15:04:05 +0000", int64(2), "HTTP")
	f.Add("took % ms for %\n", "1.25", "cafe0123", int64(3), "t")
	f.Fuzz(func(t *testing.T, template, a, b string, seed int64, needle string) {
		r := rand.New(rand.NewSource(seed))
		rows := &Rows{}
		for i := range 100 {
			var m strings.Builder
			for k, piece := range strings.Split(template, "%") {
				if k > 0 {
					m.WriteString(mutate(r, pickFrom(r, a, b, a)))
				}
				m.WriteString(piece)
			}
			if m.Len() > 4096 {
				return
			}
			rows.add(int64(i)*17, int64(i), uint64(i), m.String())
		}
		block := encode(rows)
		requireRows(t, block, rows)
		opened := open(t, block)
		requireSelects(t, opened, rows, condition.Contains(needle), allRows(100), needle)
		test := func(v condition.Value) bool { return strings.Contains(v.Text, needle) == (len(v.Text)%2 == 0) }
		requireSelects(t, opened, rows, condition.Field{Path: []string{"n"}, Test: test}, allRows(100), "field")
	})
}

// mutate changes a digit or a letter of s into another now and then.
func mutate(r *rand.Rand, s string) string {
	b := []byte(s)
	for i := range b {
		switch {
		case r.Intn(8) > 0:
		case b[i]-'0' <= 9:
			b[i] = byte('0' + r.Intn(10))
		case b[i]-'a' <= 5:
			b[i] = byte('a' + r.Intn(6))
		}
	}
	if r.Intn(40) == 0 {
		return ""
	}
	return string(b)
}
