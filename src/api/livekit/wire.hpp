#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace google::protobuf {
class Message;
}

/// Messages as bytes and as JSON text. Fields that are not known are kept in bytes and passed over
/// in JSON, never an error.
namespace vis::api::livekit {

/// InvalidArgument for bytes that are no such message, texts that are not UTF-8 included; `message`
/// is then in an unspecified state.
Result<void> parse_bytes(std::string_view bytes, google::protobuf::Message& message);

/// Proto3 JSON with names in camelCase or snake_case. InvalidArgument as above.
Result<void> parse_json(std::string_view text, google::protobuf::Message& message);

enum class JsonStyle : std::uint8_t {
  CamelCase,  ///< Defaults left out: signalling and webhooks.
  SnakeCase,  ///< Defaults written: the server API.
};
std::string write_json(const google::protobuf::Message& message, JsonStyle style);

/// The library reports bad input, which we answer, on standard error as well; this ends that. To be
/// called once at start-up.
void silence_protobuf();

}  // namespace vis::api::livekit
