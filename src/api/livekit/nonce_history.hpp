#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <string>
#include <utility>

namespace vis::api::livekit {

/// The last few nonces that were seen, so that a packet which is sent again by way of precaution is
/// delivered once. Control thread.
class NonceHistory final {
 public:
  static constexpr std::size_t kNonceBytes = 16;

  explicit NonceHistory(std::size_t capacity) : capacity_(capacity) {}

  /// False for one that is remembered.
  bool add(std::string nonce) {
    if (std::ranges::find(seen_, nonce) != seen_.end()) return false;
    if (seen_.size() == capacity_) seen_.pop_front();
    seen_.push_back(std::move(nonce));
    return true;
  }

 private:
  std::size_t capacity_;
  std::list<std::string> seen_;  ///< Mostly empty, when a deque would still take 600 bytes.
};

}  // namespace vis::api::livekit
