import Data

/// The values of a column of rows in memory.
public typealias ColumnValues = Data.ColumnValues
