#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vis::media::sctp {

/// Puts together the messages that SCTP delivers in pieces, one at a time for each stream. Part of
/// an association. Limits: kSctpMessageBytes for one message, kSctpReassemblyBytes for all that are
/// incomplete; past either the message is refused and what there was of it forgotten.
class MessageAssembler final {
 public:
  /// The whole message once its last piece has come, nothing before.
  Result<std::optional<ByteVector>> add(std::uint16_t stream, Bytes piece, bool last);
  /// Forgets what a stream has begun.
  void drop(std::uint16_t stream);
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  std::map<std::uint16_t, ByteVector> begun_;
  std::size_t held_bytes_ = 0;
};

}  // namespace vis::media::sctp
