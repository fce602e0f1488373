#include "core/rooms/client_traits.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vis::core::rooms {
namespace {

constexpr std::array<std::string_view, 7> kPublishCodecs{
    "video/vp8", "video/h264", "video/vp9", "video/av1", "video/h265", "audio/opus", "audio/red"};

/// Devices whose encoder for a codec is known to be broken.
struct DeviceOverride {
  std::string_view os;
  std::string_view model;
  std::string_view denied_codec;
};
constexpr std::array<DeviceOverride, 1> kDeviceOverrides{{
    {.os = "android", .model = "xiaomi 2201117ti", .denied_codec = "video/h264"},
}};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return lower;
}

}  // namespace

ClientTraits traits_of(const ClientInfo& client) {
  const std::string browser = lower_case(client.browser);
  const bool firefox = browser.contains("firefox");
  const bool safari = browser.contains("safari");

  ClientTraits traits;
  traits.subscriber_primary = client.protocol > 2;
  traits.fast_start = client.protocol > 7;
  traits.ice_lite = client.protocol > 5 && !firefox;
  traits.reuse_sections = client.protocol > 3 && !safari;
  traits.keep_one_codec = firefox;
  traits.sync_streams = client.protocol > 9 && !firefox;
  for (const DeviceOverride& device : kDeviceOverrides) {
    if (lower_case(client.os) == device.os && lower_case(client.device_model) == device.model) {
      traits.denied_publish_codecs.emplace_back(device.denied_codec);
    }
  }
  return traits;
}

std::vector<std::string> publish_codecs(const ClientTraits& traits) {
  const auto& denied = traits.denied_publish_codecs;
  std::vector<std::string> allowed;
  for (const std::string_view codec : kPublishCodecs) {
    if (std::ranges::find(denied, codec) == denied.end()) allowed.emplace_back(codec);
  }
  return allowed;
}

}  // namespace vis::core::rooms
