package value

import "math"

// Add, Sub, Mul, Div, Mod and Pow are the arithmetic operators, Neg is the sign -. Operands are what AsNumber takes for
// numbers; the result is null if one is not, if it is divided by zero, and where the result is no finite number.
func Add(a, b Value) Value { return calculate(a, b, func(x, y float64) float64 { return x + y }) }

// Sub is a - b.
func Sub(a, b Value) Value { return calculate(a, b, func(x, y float64) float64 { return x - y }) }

// Mul is a * b.
func Mul(a, b Value) Value { return calculate(a, b, func(x, y float64) float64 { return x * y }) }

// Div is a / b.
func Div(a, b Value) Value { return calculate(a, b, func(x, y float64) float64 { return x / y }) }

// Mod is a % b, with the sign of a.
func Mod(a, b Value) Value { return calculate(a, b, math.Mod) }

// Pow is a ^ b.
func Pow(a, b Value) Value { return calculate(a, b, math.Pow) }

// Neg is -a.
func Neg(a Value) Value { return Sub(OfNumber(0), a) }

func calculate(a, b Value, f func(x, y float64) float64) Value {
	x, ok := a.AsNumber()
	if !ok {
		return Value{}
	}
	y, ok := b.AsNumber()
	if !ok {
		return Value{}
	}
	return OfNumber(f(x, y)) // a division by zero is not finite
}
