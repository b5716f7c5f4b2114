#ifndef MTLC_ENUM_H
#define MTLC_ENUM_H

// Numbers that the caller hands to kernels are named enums. Each has a count beside it, which is no
// case of its own, so that a switch without `default:` has to name every case: one that is missing
// is an error in every file that includes this.
#pragma GCC diagnostic error "-Wswitch"

/// One more: for lists of cases that are counted.
#define MTLC_ONE_MORE(name) +1

#endif
