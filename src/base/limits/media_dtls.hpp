#pragma once

#include <cstddef>

/// Limits of `media/dtls`. Each limit has a test at the limit and one past it.
namespace vis::limits {

inline constexpr std::size_t kDtlsHandshakeBytes = 64 * 1024;  ///< Read before the handshake ends.
inline constexpr std::size_t kDtlsEarlyRecords = 16;           ///< Encrypted ones, before it ends.
inline constexpr std::size_t kDtlsHandshakeAttempts = 4;       ///< Of a server, until it gives up.
inline constexpr std::size_t kDtlsCertificateBytes = 8 * 1024;
inline constexpr std::size_t kDtlsFingerprints = 8;
/// What we send at once: a record adds up to 37 bytes, and a datagram has 1200.
inline constexpr std::size_t kDtlsApplicationBytes = 1163;

}  // namespace vis::limits
