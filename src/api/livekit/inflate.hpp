#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vis::api::livekit {

/// Unpacks one gzip member (RFC 1952). InvalidArgument for anything else, for a stream that is cut
/// off or followed by more, LimitExceeded when it grows beyond `bytes_max`.
Result<ByteVector> gunzip(Bytes packed, std::size_t bytes_max);

}  // namespace vis::api::livekit
