#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace vis::http {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(Bytes data);
/// RFC 2104 with SHA-256. The key is the secret's bytes as they are.
Sha256 hmac_sha256(const Secret& key, Bytes data);

}  // namespace vis::http
