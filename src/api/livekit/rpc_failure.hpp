#pragma once

#include <cstdint>
#include <string>

namespace vis::api::livekit {

/// Why a remote call brought no answer, with the codes that SDKs use among themselves.
struct RpcFailure {
  static constexpr std::uint32_t kUnsupportedMethod = 1400;
  static constexpr std::uint32_t kRecipientNotFound = 1401;
  static constexpr std::uint32_t kRequestTooLarge = 1402;
  static constexpr std::uint32_t kUnsupportedServer = 1403;
  static constexpr std::uint32_t kUnsupportedVersion = 1404;
  static constexpr std::uint32_t kApplicationError = 1500;
  static constexpr std::uint32_t kConnectionTimeout = 1501;
  static constexpr std::uint32_t kResponseTimeout = 1502;
  static constexpr std::uint32_t kRecipientDisconnected = 1503;
  static constexpr std::uint32_t kSendFailed = 1505;

  std::uint32_t code = kApplicationError;
  std::string message;
  std::string data;

  friend bool operator==(const RpcFailure&, const RpcFailure&) = default;
};

}  // namespace vis::api::livekit
