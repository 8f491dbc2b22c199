package mapping

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// numeric makes a number an int64, a *big.Int or a float64; nil if v is none.
func numeric(v any) any {
	switch v := v.(type) {
	case int64, float64, *big.Int:
		return v
	case number:
		if len(v) < maxBits && !strings.ContainsAny(string(v), ".eE") {
			if n, ok := new(big.Int).SetString(string(v), 10); ok {
				return n
			}
		}
		f, _ := strconv.ParseFloat(string(v), 64) // infinite if it is too large, as in Java
		return f
	}
	return nil
}

func toFloat(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	}
	return 0
}

func toBig(v any) *big.Int {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v)
	case *big.Int:
		return v
	}
	return new(big.Int)
}

// fromBig is an int64 again, if it fits.
func fromBig(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

func isFloat(v any) bool { _, ok := v.(float64); return ok }

// compareNumbers reports false if one of the values is no number.
func compareNumbers(a, b any) (int, bool) {
	x, y := numeric(a), numeric(b)
	if x == nil || y == nil {
		return 0, false
	}
	if isFloat(x) || isFloat(y) {
		f, g := toFloat(x), toFloat(y)
		switch {
		case f < g:
			return -1, true
		case f > g:
			return 1, true
		}
		return 0, true
	}
	return toBig(x).Cmp(toBig(y)), true
}

// arithmetic applies + - * / %. Integers that overflow grow, as Velocity's do; a division by zero has no value.
func arithmetic(op operator, a, b any) any {
	x, y := numeric(a), numeric(b)
	if x == nil || y == nil || (op == opDivide || op == opModulo) && isZero(y) {
		return nil
	}
	if isFloat(x) || isFloat(y) {
		return floatArithmetic(op, toFloat(x), toFloat(y))
	}
	if i, ok := x.(int64); ok {
		if j, ok := y.(int64); ok {
			if n, ok := intArithmetic(op, i, j); ok {
				return n
			}
		}
	}
	return bigArithmetic(op, toBig(x), toBig(y))
}

func isZero(v any) bool {
	switch v := v.(type) {
	case int64:
		return v == 0
	case float64:
		return v == 0
	}
	return false
}

// intArithmetic reports false on overflow.
func intArithmetic(op operator, a, b int64) (int64, bool) {
	switch op {
	case opAdd:
		c := a + b
		return c, (c > a) == (b > 0)
	case opSubtract:
		c := a - b
		return c, (c < a) == (b > 0)
	case opMultiply:
		if a == 0 || b == 0 {
			return 0, true
		}
		c := a * b
		return c, c/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
	case opDivide:
		return a / b, !(a == math.MinInt64 && b == -1)
	default:
		return a % b, true
	}
}

func bigArithmetic(op operator, a, b *big.Int) any {
	c := new(big.Int)
	switch op {
	case opAdd:
		c.Add(a, b)
	case opSubtract:
		c.Sub(a, b)
	case opMultiply:
		if a.BitLen()+b.BitLen() > maxBits {
			return nil
		}
		c.Mul(a, b)
	case opDivide:
		c.Quo(a, b)
	default:
		c.Rem(a, b)
	}
	return fromBig(c)
}

// maxBits keeps squares of squares of squares small.
const maxBits = 4096

func floatArithmetic(op operator, a, b float64) any {
	switch op {
	case opAdd:
		return a + b
	case opSubtract:
		return a - b
	case opMultiply:
		return a * b
	case opDivide:
		return a / b
	default:
		return math.Mod(a, b)
	}
}

// toInt is the value of an integer argument.
func toInt(v any) (int, bool) {
	switch v := numeric(v).(type) {
	case int64:
		return int(v), true
	case float64:
		return int(v), true
	}
	return 0, false
}
