package filterpattern

import "github.com/tollbook/tollbook/logs/condition"

// minLiteral is the length in bytes below which a literal says too little about a message to be worth looking for.
const minLiteral = 3

// contains is nil for a short literal.
func contains(literal string) condition.Condition {
	if len(literal) < minLiteral {
		return nil
	}
	return condition.Contains(literal)
}

// allOf leaves out the members about which nothing can be said.
func allOf(members []condition.Condition) condition.Condition {
	all := condition.All{}
	for _, member := range members {
		if member != nil {
			all = append(all, member)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

// anyOf says nothing if nothing can be said about one of its members.
func anyOf(members []condition.Condition) condition.Condition {
	for _, member := range members {
		if member == nil {
			return nil
		}
	}
	if len(members) == 1 {
		return members[0]
	}
	return condition.Any(members)
}
