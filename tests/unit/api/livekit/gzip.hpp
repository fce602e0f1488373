#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

#include "base/assert.hpp"

namespace vis::api::livekit {

/// `plain` as one gzip member, as clients send it.
inline std::string gzip(std::string_view plain) {
  z_stream stream{};
  VIS_ASSERT(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
                          Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  VIS_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace vis::api::livekit
