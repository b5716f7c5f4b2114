#ifndef MTLC_PREFETCH_H
#define MTLC_PREFETCH_H

/// Asks for the cache line of an address that is read soon; any address will do.
static inline void mtlc_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
