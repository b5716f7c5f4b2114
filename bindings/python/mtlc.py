"""Predictions of a plan that mtlc trained, through its C library.

    import mtlc

    plan = mtlc.Plan("plan.bin")
    plan.predict({"age": [39, 50], "city": ["rome", None]})["click"]

Rows are a dict of columns, each a list, a NumPy array or a pandas series; or a pandas frame; or a list of
dicts, one a row. None and NaN are missing values. The values are those of `mtlc run --predict` on the same
rows, to the last bit. Only ctypes is needed.
"""

import array
import ctypes
import ctypes.util
import itertools
import os
import sys
import threading

__all__ = ["Error", "Plan", "load_library"]

MISSING, NUMBERS, INTEGERS, TEXTS = 0, 1, 2, 4
_FEATURES = {1: "id", 2: "number", 3: "bucket", 4: "sequence", 5: "cross", 6: "vector"}
_TASKS = {1: "binary", 2: "regression", 3: "classes"}


class Error(Exception):
    """What the library says of a call; `code` is that of mtlc.h."""

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


# The structs of mtlc.h. Each begins with its size.


class _Column(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("column", ctypes.c_size_t),
        ("type", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("values", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
        ("lengths", ctypes.c_void_p),
        ("missing", ctypes.c_void_p),
        ("offsets", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
    ]


class _Feed(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("feed", ctypes.c_size_t),
        ("values", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
    ]


class _ColumnInfo(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("types", ctypes.c_uint32),
        ("list_types", ctypes.c_uint32),
        ("is_optional", ctypes.c_uint32),
    ]


class _FeatureInfo(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_uint32),
        ("is_weighted", ctypes.c_uint32),
        ("columns", ctypes.POINTER(ctypes.c_size_t)),
        ("column_count", ctypes.c_size_t),
        ("cardinality", ctypes.c_int64),
        ("length", ctypes.c_int64),
    ]


class _TaskInfo(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("first_output", ctypes.c_size_t),
        ("output_count", ctypes.c_size_t),
    ]


class _FeedInfo(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("width", ctypes.c_size_t),
        ("is_integer", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


_library = None


def load_library(path=None):
    """Loads the C library: the file `path`, that in $MTLC_LIBRARY, one beside this file, or the system's.
    `Plan` calls it without a path."""
    global _library
    if _library is not None and path is None:
        return _library
    suffix = "dylib" if sys.platform == "darwin" else "so"
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libmtlc-c." + suffix)
    found = path or os.environ.get("MTLC_LIBRARY")
    if not found:
        found = own if os.path.exists(own) else ctypes.util.find_library("mtlc-c")
    if not found:
        raise OSError(
            "libmtlc-c is not found: name its file in MTLC_LIBRARY, or put it beside " + __file__
        )
    library = ctypes.CDLL(found)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    result = ctypes.POINTER(pointer)
    sizes = ctypes.POINTER(size)
    signatures = {
        "mtlc_version": (ctypes.c_uint32, []),
        "mtlc_error": (ctypes.c_char_p, []),
        "mtlc_plan_open": (ctypes.c_int, [ctypes.c_char_p, result]),
        "mtlc_plan_read": (ctypes.c_int, [ctypes.c_char_p, size, result]),
        "mtlc_plan_free": (None, [pointer]),
        "mtlc_plan_name": (ctypes.c_char_p, [pointer]),
        "mtlc_plan_output": (ctypes.c_char_p, [pointer, size]),
        "mtlc_predictor_create": (ctypes.c_int, [pointer, result]),
        "mtlc_predictor_free": (None, [pointer]),
        "mtlc_predict_columns": (ctypes.c_int, [pointer, pointer, size, size, pointer, size]),
        "mtlc_predict_feeds": (ctypes.c_int, [pointer, pointer, size, size, pointer, size]),
        "mtlc_predict_text": (
            ctypes.c_int,
            [pointer, ctypes.c_char_p, size, pointer, size, sizes],
        ),
    }
    infos = {"column": _ColumnInfo, "feature": _FeatureInfo, "task": _TaskInfo, "feed": _FeedInfo}
    for what, info in infos.items():
        signatures["mtlc_plan_" + what] = (
            ctypes.c_int,
            [pointer, size, ctypes.POINTER(info)],
        )
    for what in list(infos) + ["output"]:
        signatures["mtlc_plan_%s_count" % what] = (size, [pointer])
    for name, (returned, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype = returned
        function.argtypes = arguments
    if library.mtlc_version() >> 16 != 1:
        raise OSError("%s has another major version than this binding, which needs 1" % found)
    _library = library
    return library


class Plan:
    """A trained plan. Any number of threads may use it at once: each gets a predictor of its own."""

    def __init__(self, source):
        """Loads a plan file, by its path or from its bytes."""
        self._library = load_library()
        self._plan = ctypes.c_void_p()
        self._predictors = threading.local()
        if isinstance(source, (bytes, bytearray, memoryview)):
            data = bytes(source)
            self._check(self._library.mtlc_plan_read(data, len(data), ctypes.byref(self._plan)))
        else:
            path = os.fsencode(source)
            self._check(self._library.mtlc_plan_open(path, ctypes.byref(self._plan)))
        self.name = self._library.mtlc_plan_name(self._plan).decode()
        self._columns = self._all("column", _ColumnInfo)
        self._places = {column.name.decode(): k for k, column in enumerate(self._columns)}
        self._feeds = self._all("feed", _FeedInfo)
        #: The columns that rows have.
        self.columns = list(self._places)
        #: The names of the predicted values: a task's name, or <task>.<class>.
        self.outputs = [
            self._library.mtlc_plan_output(self._plan, k).decode()
            for k in range(self._library.mtlc_plan_output_count(self._plan))
        ]
        #: What the model is made of, as dicts.
        self.features = [
            {
                "name": feature.name.decode(),
                "kind": _FEATURES.get(feature.kind, str(feature.kind)),
                "columns": [
                    self.columns[feature.columns[k]] for k in range(feature.column_count)
                ],
                "cardinality": feature.cardinality,
                "length": feature.length,
                "weighted": bool(feature.is_weighted),
            }
            for feature in self._all("feature", _FeatureInfo)
        ]
        #: What it predicts, as dicts.
        self.tasks = [
            {
                "name": task.name.decode(),
                "kind": _TASKS.get(task.kind, str(task.kind)),
                "outputs": self.outputs[task.first_output :][: task.output_count],
            }
            for task in self._all("task", _TaskInfo)
        ]
        #: The encoded matrices that the model reads, as dicts.
        self.feeds = [
            {
                "name": feed.name.decode(),
                "width": feed.width,
                "type": "int32" if feed.is_integer else "float32",
            }
            for feed in self._feeds
        ]

    def __del__(self):
        if getattr(self, "_plan", None):
            self._library.mtlc_plan_free(self._plan)
            self._plan = None

    def predict(self, rows, weights=None):
        """Predicts rows.

        rows: columns by name (a dict or a pandas frame), or a list of dicts. A column that the plan reads
        must be there; columns that it does not read are ignored. Lists and tuples in a column are lists
        of ids, or the numbers of a vector.

        weights: by column of lists a list of numbers for each row, where the plan has weighted lists.

        Returns a dict with a sequence of floats for each of `outputs`: NumPy arrays where NumPy is there,
        else lists."""
        columns, count = self._table(rows)
        given, kept = [], []
        for name, place in self._places.items():
            if name not in columns:
                if self._columns[place].is_optional:
                    continue
                raise KeyError("the plan reads the column %r, which the rows do not have" % name)
            values = columns[name]
            if len(values) != count:
                raise ValueError(
                    "the column %r has %d values, others have %d" % (name, len(values), count)
                )
            given.append(self._column(name, values, (weights or {}).get(name), kept))
        for name in weights or {}:
            if name not in self._places:
                raise KeyError("there are weights of %r, which is no column of the plan" % name)
        table = (_Column * len(given))(*given)
        predictions = (ctypes.c_float * (count * len(self.outputs)))()
        self._check(
            self._library.mtlc_predict_columns(
                self._predictor(), table, len(given), count, predictions, len(predictions)
            )
        )
        return self._results(predictions, count)

    def predict_text(self, text):
        """Predicts the rows of the text of a file (str or bytes), in the format of those that the plan was
        trained on, with a header where these have one."""
        data = text.encode() if isinstance(text, str) else bytes(text)
        capacity = (data.count(b"\n") + data.count(b"\r") + 1) * len(self.outputs)
        predictions = (ctypes.c_float * capacity)()
        rows = ctypes.c_size_t()
        self._check(
            self._library.mtlc_predict_text(
                self._predictor(), data, len(data), predictions, capacity, ctypes.byref(rows)
            )
        )
        return self._results(predictions, rows.value)

    def predict_feeds(self, feeds):
        """Predicts encoded rows: by name of `feeds` an array of `width` values a row, row after row."""
        given, kept, count = [], [], None
        for place, info in enumerate(self._feeds):
            name = info.name.decode()
            if name not in feeds:
                raise KeyError("the plan reads the feed %r" % name)
            values = feeds[name]
            if hasattr(values, "ravel"):
                values = values.ravel().tolist()
            elif len(values) > 0 and isinstance(values[0], (list, tuple)):
                values = list(itertools.chain.from_iterable(values))
            buffer = array.array("i" if info.is_integer else "f", values)
            kept.append(buffer)
            if count is None:
                count = len(buffer) // max(1, info.width)
            given.append(_Feed(ctypes.sizeof(_Feed), place, buffer.buffer_info()[0], len(buffer)))
        count = count or 0
        table = (_Feed * len(given))(*given)
        predictions = (ctypes.c_float * (count * len(self.outputs)))()
        self._check(
            self._library.mtlc_predict_feeds(
                self._predictor(), table, len(given), count, predictions, len(predictions)
            )
        )
        return self._results(predictions, count)

    # What follows is not for callers.

    def _check(self, code):
        if code != 0:
            raise Error(self._library.mtlc_error().decode(errors="replace"), code)

    def _all(self, what, info):
        count = getattr(self._library, "mtlc_plan_%s_count" % what)(self._plan)
        found = [info(size=ctypes.sizeof(info)) for _ in range(count)]
        for k, entry in enumerate(found):
            self._check(
                getattr(self._library, "mtlc_plan_" + what)(self._plan, k, ctypes.byref(entry))
            )
        return found

    def _predictor(self):
        """The calling thread's own."""
        own = getattr(self._predictors, "own", None)
        if own is None:
            own = _Predictor(self._library)
            self._check(self._library.mtlc_predictor_create(self._plan, ctypes.byref(own.handle)))
            self._predictors.own = own
        return own.handle

    def _results(self, predictions, rows):
        width = len(self.outputs)
        numpy = sys.modules.get("numpy") or _numpy()
        if numpy is not None:
            matrix = numpy.frombuffer(predictions, dtype=numpy.float32)[: rows * width]
            matrix = matrix.reshape(rows, width)
            return {name: matrix[:, k].copy() for k, name in enumerate(self.outputs)}
        values = predictions[: rows * width]
        return {name: values[k::width] for k, name in enumerate(self.outputs)}

    def _table(self, rows):
        """Columns by name, and how many rows there are."""
        if isinstance(rows, (list, tuple)):
            names = {name for row in rows for name in row}
            table = {name: [row.get(name) for row in rows] for name in names}
            # A column that no row has is missing in all: rows say what they know.
            for name in self._places:
                if not self._columns[self._places[name]].is_optional:
                    table.setdefault(name, [None] * len(rows))
            return table, len(rows)
        table = {name: rows[name] for name in self._places if name in rows}
        if hasattr(rows, "columns") and hasattr(rows, "shape"):
            return table, len(rows)
        counts = [len(rows[name]) for name in rows]
        return table, counts[0] if counts else 0

    def _column(self, name, values, weights, kept):
        info = self._columns[self._places[name]]
        given = _Column(size=ctypes.sizeof(_Column), column=self._places[name])
        try:
            if not self._array(given, values, info, kept):
                values = values.tolist() if hasattr(values, "tolist") else values
                self._list(given, values, weights, info, kept)
            elif weights is not None:
                raise TypeError("weights are those of lists")
        except (TypeError, OverflowError, ValueError) as error:
            raise type(error)("column %r: %s" % (name, error)) from None
        return given

    def _array(self, given, values, info, kept):
        """Takes the memory of a NumPy array or a pandas series of numbers as it is. False for others."""
        numpy = sys.modules.get("numpy")
        if numpy is None or not hasattr(values, "dtype"):
            return False
        kind = getattr(values.dtype, "kind", "O")
        if kind == "M" and not info.types & NUMBERS:
            stamps = numpy.asarray(values)
            texts = numpy.datetime_as_string(stamps.astype("datetime64[us]")).tolist()
            missing = numpy.isnat(stamps).tolist()
            values = [None if none else text for text, none in zip(texts, missing)]
            self._texts(given, values, kept)
            return True
        matrix = numpy.asarray(values)
        if matrix.dtype.kind not in "iubf" or matrix.ndim > 2:
            return False
        isNumber = matrix.dtype.kind == "f"
        if isNumber and not (info.types | info.list_types) & NUMBERS:
            return False
        flat = numpy.ascontiguousarray(
            matrix.ravel(), dtype=numpy.float64 if isNumber else numpy.int64
        )
        if matrix.dtype.kind == "u" and (matrix > 2**63 - 1).any():
            raise OverflowError("an integer is above 2^63 - 1")
        kept.append(flat)
        given.type = NUMBERS if isNumber else INTEGERS
        given.values, given.count = flat.ctypes.data, flat.size
        if matrix.ndim == 2:
            offsets = numpy.arange(matrix.shape[0] + 1, dtype=numpy.uintp) * matrix.shape[1]
            kept.append(offsets)
            given.offsets = offsets.ctypes.data
        return True

    def _list(self, given, values, weights, info, kept):
        values = [None if _is_missing(value) else value for value in values]
        if any(isinstance(value, (list, tuple)) or hasattr(value, "tolist") for value in values):
            self._lists(given, values, weights, info, kept)
            return
        if weights is not None and any(value is not None for value in values):
            raise TypeError("weights are those of lists")
        self._cells(given, values, info.types, kept)

    def _lists(self, given, values, weights, info, kept):
        offsets, items, factors = [0], [], []
        for row, value in enumerate(values):
            value = value.tolist() if hasattr(value, "tolist") else value
            if value is None:
                value = []
            if not isinstance(value, (list, tuple)):
                raise TypeError("row %d is %r, others are lists" % (row, value))
            items += [None if _is_missing(item) else item for item in value]
            offsets.append(len(items))
            if weights is not None:
                own = weights[row] if weights[row] is not None else [1.0] * len(value)
                if len(own) != len(value):
                    raise ValueError(
                        "row %d has %d weights for %d ids" % (row, len(own), len(value))
                    )
                factors += own
        if info.list_types & NUMBERS:
            items = [float("nan") if item is None else item for item in items]
        self._cells(given, items, info.list_types, kept)
        given.offsets = _keep(array.array(_SIZE, offsets), kept)
        if weights is not None:
            given.weights = _keep(array.array("d", factors), kept)

    def _cells(self, given, values, types, kept):
        """Takes values that are one a row, or the items of lists."""
        present = [value for value in values if value is not None]
        integers = all(_is_integer(value) for value in present)
        numbers = all(_is_integer(value) or isinstance(value, float) for value in present)
        if not present and not values:
            given.type = MISSING
        elif integers and types & INTEGERS and present:
            # int() makes a number of True.
            cells = array.array("q", [0 if value is None else int(value) for value in values])
            given.type, given.values, given.count = INTEGERS, _keep(cells, kept), len(cells)
            if len(present) < len(values):
                missing = array.array("B", [value is None for value in values])
                given.missing = _keep(missing, kept)
        elif numbers and types & NUMBERS and present:
            nan = float("nan")
            cells = array.array("d", [nan if value is None else float(value) for value in values])
            given.type, given.values, given.count = NUMBERS, _keep(cells, kept), len(cells)
        else:
            self._texts(given, values, kept)

    def _texts(self, given, values, kept):
        texts = []
        for value in values:
            if value is None or isinstance(value, bytes):
                texts.append(value)
            elif isinstance(value, str):
                texts.append(value.encode())
            elif _is_integer(value):
                texts.append(str(int(value)).encode())
            elif isinstance(value, float):
                raise TypeError(
                    "%r is a float, and ids are texts or integers: which text it is, is not known"
                    % value
                )
            elif hasattr(value, "isoformat"):
                texts.append(value.isoformat().encode())
            else:
                raise TypeError("%r is no text and no number" % (value,))
        pointers = (ctypes.c_char_p * max(1, len(texts)))(*texts)
        kept.append((pointers, texts))
        lengths = array.array(_SIZE, [0 if text is None else len(text) for text in texts])
        given.type, given.count = TEXTS, len(texts)
        given.values = ctypes.addressof(pointers)
        given.lengths = _keep(lengths or array.array(_SIZE, [0]), kept)


class _Predictor:
    """A predictor of the library, freed with its thread."""

    def __init__(self, library):
        self._library = library
        self.handle = ctypes.c_void_p()

    def __del__(self):
        self._library.mtlc_predictor_free(self.handle)


#: The type code of size_t.
_SIZE = "L" if array.array("L").itemsize == ctypes.sizeof(ctypes.c_size_t) else "Q"


def _keep(values, kept):
    """The address of an array, which stays as long as `kept`."""
    kept.append(values)
    return values.buffer_info()[0]


def _is_integer(value):
    return isinstance(value, int) or (
        hasattr(value, "__index__") and not isinstance(value, (str, bytes))
    )


def _is_missing(value):
    """None, NaN, and what pandas has for them."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        # pandas.NA is neither equal to itself nor not; an array is no missing value.
        return type(value).__name__ in ("NAType", "NaTType")


def _numpy():
    try:
        import numpy
    except ImportError:
        return None
    return numpy
