package insights

import (
	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// vector is the values of a slot or an expression in the rows of a block that are selected; what it says of others is
// arbitrary.
type vector struct {
	form    vectorForm
	one     value.Value                   // of vectorConstant; of vectorDict what rows with MissingCode have
	field   *columnar.Column              // of vectorField
	times   []int64                       // of vectorTimes: milliseconds since 1970 of each row
	codes   []uint32                      // of vectorDict: a place in dict for each row
	dict    []value.Value                 // of vectorDict
	rows    []value.Value                 // of vectorRows: of each row
	numbers []float64                     // of vectorNumbers: of each row, NaN for null
	text    func(row int) ([]byte, error) // of vectorMessage; its result is valid until the next call
}

type vectorForm uint8

const (
	vectorConstant vectorForm = iota
	vectorField               // a field as its block has it
	vectorTimes
	vectorDict
	vectorRows
	vectorNumbers
	vectorMessage
)

// fieldValue is the value of a field of a message.
func fieldValue(v condition.Value) value.Value {
	if v.Kind == condition.Literal {
		switch v.Text {
		case "null":
			return value.Value{}
		case "true":
			return value.OfBool(true)
		case "false":
			return value.OfBool(false)
		}
	} else if v.Kind == condition.Missing {
		return value.Value{}
	}
	return value.OfText(v.Text)
}

// coded says whether rows have codes, and returns them.
func (v *vector) coded() ([]uint32, bool) {
	switch {
	case v.form == vectorDict:
		return v.codes, true
	case v.form == vectorField && len(v.field.Codes) > 0:
		return v.field.Codes, true
	}
	return nil, false
}

// entries is how many codes there are.
func (v *vector) entries() int {
	if v.form == vectorDict {
		return len(v.dict)
	}
	return max(len(v.field.Dict), len(v.field.DictInts))
}

// entry is the value of a code.
func (v *vector) entry(code uint32) value.Value {
	switch {
	case code == columnar.MissingCode:
		return v.one
	case v.form == vectorDict:
		return v.dict[code]
	case len(v.field.DictInts) > 0:
		return fieldValue(v.field.Form.Value(v.field.DictInts[code]))
	}
	return fieldValue(v.field.Dict[code])
}

// at is the value of a row. It may be kept.
func (v *vector) at(row int) (value.Value, error) {
	switch v.form {
	case vectorField:
		if len(v.field.Codes) > 0 {
			return v.entry(v.field.Codes[row]), nil
		}
		if v.field.Present != nil && !v.field.Present.Has(row) {
			return value.Value{}, nil
		}
		return fieldValue(v.field.Form.Value(v.field.Ints[row])), nil
	case vectorTimes:
		return value.OfTime(v.times[row]), nil
	case vectorDict:
		return v.entry(v.codes[row]), nil
	case vectorRows:
		return v.rows[row], nil
	case vectorNumbers:
		return value.OfNumber(v.numbers[row]), nil
	case vectorMessage:
		text, err := v.text(row)
		return value.OfText(string(text)), err
	}
	return v.one, nil
}

// look is at, but the value is valid only until the next call.
func (v *vector) look(row int) (value.Value, error) {
	if v.form == vectorMessage {
		text, err := v.text(row)
		return value.OfText(view(text)), err
	}
	return v.at(row)
}
