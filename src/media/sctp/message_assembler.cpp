#include "media/sctp/message_assembler.hpp"

#include <utility>

#include "base/limits/media_sctp.hpp"

namespace vis::media::sctp {

Result<std::optional<ByteVector>> MessageAssembler::add(std::uint16_t stream, Bytes piece,
                                                        bool last) {
  const auto begun = begun_.find(stream);
  const std::size_t before = begun == begun_.end() ? 0 : begun->second.size();
  if (before + piece.size() > limits::kSctpMessageBytes) {
    drop(stream);
    return fail(Errc::LimitExceeded, "message is too large");
  }
  if (last) {
    ByteVector message;
    if (begun != begun_.end()) {
      message = std::move(begun->second);
      held_bytes_ -= before;
      begun_.erase(begun);
    }
    message.insert(message.end(), piece.begin(), piece.end());
    return message;
  }
  if (held_bytes_ + piece.size() > limits::kSctpReassemblyBytes) {
    drop(stream);
    return fail(Errc::LimitExceeded, "too many incomplete messages");
  }
  held_bytes_ += piece.size();
  ByteVector& message = begun_[stream];
  message.insert(message.end(), piece.begin(), piece.end());
  return std::nullopt;
}

void MessageAssembler::drop(std::uint16_t stream) {
  const auto begun = begun_.find(stream);
  if (begun == begun_.end()) return;
  held_bytes_ -= begun->second.size();
  begun_.erase(begun);
}

}  // namespace vis::media::sctp
