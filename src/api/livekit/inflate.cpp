#include "api/livekit/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::api::livekit {
namespace {

constexpr std::size_t kFirstBytes = 16 * 1024;
constexpr int kGzipWindowBits = 15 + 16;  // zlib.h: 16 asks for a gzip wrapper

struct InflateStream {
  InflateStream() { VIS_ASSERT(inflateInit2(&state, kGzipWindowBits) == Z_OK); }
  ~InflateStream() { inflateEnd(&state); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;

  z_stream state{};
};

}  // namespace

Result<ByteVector> gunzip(Bytes packed, std::size_t bytes_max) {
  if (!std::in_range<uInt>(packed.size()) || !std::in_range<uInt>(bytes_max)) {
    return fail(Errc::LimitExceeded, "the compressed data is too long");
  }
  InflateStream stream;
  stream.state.next_in = const_cast<Bytef*>(packed.data());
  stream.state.avail_in = static_cast<uInt>(packed.size());
  ByteVector plain;
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    const std::size_t filled = plain.size();
    // One byte more than allowed, so that the end of the stream shows when it fits exactly.
    if (filled > bytes_max) return fail(Errc::LimitExceeded, "the inflated data is too long");
    plain.resize(std::min(std::max(kFirstBytes, 2 * filled), bytes_max + 1));
    stream.state.next_out = plain.data() + filled;
    stream.state.avail_out = static_cast<uInt>(plain.size() - filled);
    outcome = inflate(&stream.state, Z_NO_FLUSH);
    plain.resize(plain.size() - stream.state.avail_out);
  }
  if (outcome != Z_STREAM_END || stream.state.avail_in != 0) {
    return fail(Errc::InvalidArgument, "the data is not a gzip stream");
  }
  if (plain.size() > bytes_max) return fail(Errc::LimitExceeded, "the inflated data is too long");
  return plain;
}

}  // namespace vis::api::livekit
