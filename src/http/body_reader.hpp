#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "http/request_head.hpp"

namespace vis::http {

/// Takes the body of a request out of the bytes that follow its header: by Content-Length, or by
/// the chunked coding of RFC 9112 7.1. Chunk extensions and trailers are skipped, their size is
/// bounded. No I/O.
class BodyReader final {
 public:
  BodyReader(const RequestHead& head, std::size_t bytes_max);

  /// Consumes from `input` what belongs to the body and appends the decoded bytes to `body`.
  /// Returns how much it consumed; that is less than all once the body is done. 413 when the body
  /// is longer than allowed, 400 when its coding is broken.
  std::expected<std::size_t, Refusal> feed(std::string_view input, std::string& body);
  bool done() const { return state_ == State::Done; }

 private:
  enum class State : std::uint8_t { Data, ChunkSize, ChunkData, ChunkEnd, Trailer, Done };

  std::expected<void, Refusal> take_data(std::string_view& input, std::string& body);
  std::expected<void, Refusal> take_line_of_coding(std::string_view& input);
  std::expected<void, Refusal> on_line();
  std::expected<void, Refusal> on_chunk_size();

  State state_;
  std::uint64_t left_ = 0;  ///< Bytes to come of the body or chunk.
  std::size_t bytes_max_;
  std::string line_;               ///< A line of the chunked coding, still incomplete.
  std::size_t trailer_bytes_ = 0;  ///< Of all trailer lines.
};

}  // namespace vis::http
