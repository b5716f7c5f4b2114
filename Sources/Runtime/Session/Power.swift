import Schema

/// base to the exponent, in Double.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
