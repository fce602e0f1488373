#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"

struct evp_mac_ctx_st;

namespace vis::media::stun {

/// The key of MESSAGE-INTEGRITY (RFC 8489 section 14.5): HMAC-SHA1 under a password, with the
/// hashing of the key itself done once. For one thread; make one per password and keep it.
class IntegrityKey final {
 public:
  static constexpr std::size_t kMacBytes = 20;
  using Mac = std::array<std::uint8_t, kMacBytes>;

  /// Short-term credentials: the password is the key.
  explicit IntegrityKey(std::string_view password);

  /// The code of `head` followed by `tail`.
  Mac sign(Bytes head, Bytes tail = {}) const;

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

}  // namespace vis::media::stun
