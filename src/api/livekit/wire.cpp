#include "api/livekit/wire.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include "base/assert.hpp"

namespace vis::api::livekit {

namespace util = google::protobuf::util;

Result<void> parse_bytes(std::string_view bytes, google::protobuf::Message& message) {
  const auto size = static_cast<int>(bytes.size());
  if (!std::in_range<int>(bytes.size()) || !message.ParseFromArray(bytes.data(), size)) {
    return fail(Errc::InvalidArgument, "the message is not a valid protobuf message of its type");
  }
  return {};
}

Result<void> parse_json(std::string_view text, google::protobuf::Message& message) {
  util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = util::JsonStringToMessage({text.data(), text.size()}, &message, options);
  if (status.ok()) return {};
  return fail(Errc::InvalidArgument, "the message is not valid JSON of its type");
}

std::string write_json(const google::protobuf::Message& message, JsonStyle style) {
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = style == JsonStyle::SnakeCase;
  options.always_print_primitive_fields = style == JsonStyle::SnakeCase;
  std::string text;
  const auto status = util::MessageToJsonString(message, &text, options);
  VIS_ASSERT(status.ok());
  return text;
}

void silence_protobuf() { google::protobuf::SetLogHandler(nullptr); }

}  // namespace vis::api::livekit
