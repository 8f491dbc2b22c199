package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrJSON is wrapped by the error of Parse when the text is not one JSON value.
var ErrJSON = errors.New("not a JSON document")

// ErrSyntax is wrapped by the error of Parse when the text is JSON but not a policy: an unknown or repeated element, a
// wrong type, an effect or an operator that does not exist.
var ErrSyntax = errors.New("not a policy document")

func syntaxf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrSyntax)
}

// Parse reads a policy document. It checks the form alone; whether the elements suit the place where the document is
// to be used is for ValidateIdentity and ValidateTrust.
func Parse(text string) (*Document, error) {
	if !json.Valid([]byte(text)) {
		return nil, ErrJSON
	}
	doc := &Document{}
	err := eachField([]byte(text), func(name string, value json.RawMessage) (err error) {
		switch name {
		case "Version":
			doc.Version, err = parseVersion(value)
		case "Id":
			doc.ID, err = parseString(value)
		case "Statement":
			doc.Statements, err = parseStatements(value)
		default:
			err = syntaxf("unknown element %q", name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return doc, nil
}

func parseVersion(raw json.RawMessage) (string, error) {
	version, err := parseString(raw)
	if err == nil && version != Version2008 && version != Version2012 {
		err = syntaxf("version %q", version)
	}
	return version, err
}

func parseStatements(raw json.RawMessage) ([]Statement, error) {
	items, err := oneOrMany(raw)
	if err != nil {
		return nil, err
	}
	statements := make([]Statement, 0, len(items))
	for _, item := range items {
		s, err := parseStatement(item)
		if err != nil {
			return nil, fmt.Errorf("statement %d: %w", len(statements)+1, err)
		}
		statements = append(statements, s)
	}
	return statements, nil
}

func parseStatement(raw json.RawMessage) (Statement, error) {
	var s Statement
	err := eachField(raw, func(name string, value json.RawMessage) (err error) {
		switch name {
		case "Sid":
			s.Sid, err = parseString(value)
		case "Effect":
			s.Effect, err = parseEffect(value)
		case "Action":
			s.Actions, err = parseStrings(value)
		case "NotAction":
			s.NotActions, err = parseStrings(value)
		case "Resource":
			s.Resources, err = parseStrings(value)
		case "NotResource":
			s.NotResources, err = parseStrings(value)
		case "Principal":
			s.Principals, err = parsePrincipals(value)
		case "NotPrincipal":
			s.NotPrincipals, err = parsePrincipals(value)
		case "Condition":
			s.Conditions, err = parseConditions(value)
		default:
			err = syntaxf("unknown element %q", name)
		}
		return err
	})
	if err == nil {
		err = s.checkPairs()
	}
	return s, err
}

// checkPairs refuses a statement with both an element and its negation.
func (s *Statement) checkPairs() error {
	switch {
	case s.Actions != nil && s.NotActions != nil:
		return syntaxf("both Action and NotAction")
	case s.Resources != nil && s.NotResources != nil:
		return syntaxf("both Resource and NotResource")
	case s.Principals != nil && s.NotPrincipals != nil:
		return syntaxf("both Principal and NotPrincipal")
	}
	return nil
}

func parseEffect(raw json.RawMessage) (string, error) {
	effect, err := parseString(raw)
	if err == nil && effect != "Allow" && effect != "Deny" {
		err = syntaxf("effect %q", effect)
	}
	return effect, err
}

// parsePrincipals reads "*" or {"AWS": one or many, "Service": …}.
func parsePrincipals(raw json.RawMessage) ([]Principal, error) {
	if raw[0] == '"' {
		if value, err := parseString(raw); err != nil || value != "*" {
			return nil, syntaxf("principal %s", raw)
		}
		return []Principal{{Type: "AWS", Value: "*"}}, nil
	}
	principals := []Principal{}
	err := eachField(raw, func(kind string, value json.RawMessage) error {
		if !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, kind) {
			return syntaxf("principal type %q", kind)
		}
		values, err := parseStrings(value)
		for _, v := range values {
			principals = append(principals, Principal{Type: kind, Value: v})
		}
		return err
	})
	return principals, err
}

// parseConditions reads {operator: {key: one or many scalars}}.
func parseConditions(raw json.RawMessage) ([]Condition, error) {
	conditions := []Condition{}
	err := eachField(raw, func(name string, block json.RawMessage) error {
		op, err := parseOperator(name)
		if err != nil {
			return err
		}
		return eachField(block, func(key string, value json.RawMessage) error {
			values, err := parseScalars(value)
			conditions = append(conditions, Condition{Operator: op, Key: key, Values: values})
			return err
		})
	})
	return conditions, err
}

// eachField calls f for the members of a JSON object, in order, and refuses anything but an object and repeated names:
// of two elements with one name, encoding/json would silently keep the last.
func eachField(raw []byte, f func(name string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return syntaxf("an object is expected")
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return syntaxf("read an object: %v", err)
		}
		name, _ := token.(string)
		if seen[name] {
			return syntaxf("element %q appears twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return syntaxf("read element %q: %v", name, err)
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	return nil
}

// oneOrMany returns the members of an array, or the value alone where it is none.
func oneOrMany(raw json.RawMessage) ([]json.RawMessage, error) {
	if raw[0] != '[' {
		return []json.RawMessage{raw}, nil
	}
	items := []json.RawMessage{}
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, syntaxf("read a list: %v", err)
	}
	return items, nil
}

func parseString(raw json.RawMessage) (string, error) {
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		return "", syntaxf("a string is expected, not %.40s", raw)
	}
	return *s, nil
}

func parseStrings(raw json.RawMessage) ([]string, error) {
	return parseEach(raw, parseString)
}

// parseScalars reads condition values, where numbers and booleans may stand without quotes.
func parseScalars(raw json.RawMessage) ([]string, error) {
	return parseEach(raw, func(raw json.RawMessage) (string, error) {
		switch raw[0] {
		case '{', '[', 'n':
			return "", syntaxf("a string, number or boolean is expected, not %.40s", raw)
		case '"':
			return parseString(raw)
		}
		return string(raw), nil
	})
}

func parseEach(raw json.RawMessage, parse func(json.RawMessage) (string, error)) ([]string, error) {
	items, err := oneOrMany(raw)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, err := parse(item)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
