package logs

import (
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// maxDiscoveredFields is how many fields AWS finds in one event (CloudWatch Logs User Guide, "Supported logs and
// discovered fields").
const maxDiscoveredFields = 200

// discoveredField is a field that a query can name.
type discoveredField struct{ name, value string }

// discoverFields returns the scalars of the first JSON object in a message, in its order, flattened: names of nested
// members are joined by dots, array elements are numbered from 0. A name that begins with @ gets another @. Booleans read
// 1 and 0, as queries print them; null is no value. A message without an object, or with a broken one, has no fields.
func discoverFields(message string) []discoveredField {
	at := strings.IndexByte(message, '{')
	if at < 0 {
		return nil
	}
	var found fieldList
	if err := found.object(jx.DecodeStr(message[at:]), ""); err != nil {
		return nil
	}
	return found
}

type fieldList []discoveredField

func (l *fieldList) object(d *jx.Decoder, prefix string) error {
	return d.Obj(func(d *jx.Decoder, key string) error {
		return l.value(d, prefix+key)
	})
}

func (l *fieldList) array(d *jx.Decoder, prefix string) error {
	i := -1
	return d.Arr(func(d *jx.Decoder) error {
		i++
		return l.value(d, prefix+strconv.Itoa(i))
	})
}

func (l *fieldList) value(d *jx.Decoder, name string) error {
	switch d.Next() {
	case jx.Object:
		return l.object(d, name+".")
	case jx.Array:
		return l.array(d, name+".")
	case jx.String:
		text, err := d.Str()
		l.add(name, text)
		return err
	case jx.Number:
		number, err := d.Num()
		l.add(name, string(number))
		return err
	case jx.Bool:
		b, err := d.Bool()
		l.add(name, map[bool]string{true: "1", false: "0"}[b])
		return err
	}
	return d.Skip()
}

func (l *fieldList) add(name, value string) {
	if len(*l) < maxDiscoveredFields {
		*l = append(*l, discoveredField{fieldName(name), value})
	}
}

// fieldName is how a query names a field of the message: names that begin with @ are the system's.
func fieldName(path string) string {
	if strings.HasPrefix(path, "@") {
		return "@" + path
	}
	return path
}
