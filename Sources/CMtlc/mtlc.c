// The layout of the structs in mtlc.h, which programs that were compiled earlier rely on. A later version
// may add fields at the end, and must not change what is asserted here.

#include "mtlc.h"

#if UINTPTR_MAX == UINT64_MAX
#define AT(type, field, place) \
  _Static_assert(offsetof(type, field) == (place), #type "." #field " has moved")

AT(mtlc_column_info, name, 8);
AT(mtlc_column_info, types, 16);
AT(mtlc_column_info, list_types, 20);
AT(mtlc_column_info, is_optional, 24);

AT(mtlc_feature_info, name, 8);
AT(mtlc_feature_info, kind, 16);
AT(mtlc_feature_info, is_weighted, 20);
AT(mtlc_feature_info, columns, 24);
AT(mtlc_feature_info, column_count, 32);
AT(mtlc_feature_info, cardinality, 40);
AT(mtlc_feature_info, length, 48);

AT(mtlc_task_info, name, 8);
AT(mtlc_task_info, kind, 16);
AT(mtlc_task_info, first_output, 24);
AT(mtlc_task_info, output_count, 32);

AT(mtlc_feed_info, name, 8);
AT(mtlc_feed_info, width, 16);
AT(mtlc_feed_info, is_integer, 24);

AT(mtlc_column, column, 8);
AT(mtlc_column, type, 16);
AT(mtlc_column, values, 24);
AT(mtlc_column, count, 32);
AT(mtlc_column, lengths, 40);
AT(mtlc_column, missing, 48);
AT(mtlc_column, offsets, 56);
AT(mtlc_column, weights, 64);

AT(mtlc_feed, feed, 8);
AT(mtlc_feed, values, 16);
AT(mtlc_feed, count, 24);
#endif
