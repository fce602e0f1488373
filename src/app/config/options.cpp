#include <array>
#include <type_traits>
#include <utility>

#include "app/config/option.hpp"
#include "base/limits/media_sfu.hpp"

namespace vis::app {
namespace {

constexpr std::int64_t kMaxPort = 65535;
constexpr std::int64_t kMaxCount = 1'000'000;
constexpr std::int64_t kMaxTimeoutS = 7 * 24 * 3600;
// In the order of log::Level and log::Format.
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormats{"text", "json"};

std::unexpected<Error> not_allowed() { return fail(Errc::InvalidArgument, "not allowed"); }

// One `convert` per type of field. The value has the shape of the option's kind already; what is
// left is its range and its grammar.

Result<void> convert(const Option&, const Value& value, bool& field) {
  field = std::get<bool>(value);
  return {};
}

template <typename T>
  requires std::is_unsigned_v<T>
Result<void> convert(const Option& option, const Value& value, T& field) {
  const auto number = std::get<std::int64_t>(value);
  if (number < option.min || number > option.max) return not_allowed();
  field = static_cast<T>(number);
  return {};
}

Result<void> convert(const Option& option, const Value& value, std::chrono::seconds& field) {
  const auto number = std::get<std::int64_t>(value);
  if (number < option.min || number > option.max) return not_allowed();
  field = std::chrono::seconds{number};
  return {};
}

template <typename T>
  requires std::is_enum_v<T>
Result<void> convert(const Option& option, const Value& value, T& field) {
  const auto& text = std::get<std::string>(value);
  for (std::size_t i = 0; i < option.choices.size(); ++i) {
    if (option.choices[i] == text) {
      field = static_cast<T>(i);
      return {};
    }
  }
  return not_allowed();
}

template <typename T>
  requires std::is_same_v<T, std::string> || std::is_same_v<T, std::filesystem::path> ||
           std::is_same_v<T, Secret>
Result<void> convert(const Option&, const Value& value, T& field) {
  field = T{std::get<std::string>(value)};
  return {};
}

Result<void> convert(const Option&, const Value& value, std::vector<std::string>& field) {
  field = std::get<std::vector<std::string>>(value);
  return {};
}

/// Lists of addresses and networks: whatever has a `parse`.
template <typename T>
Result<void> convert(const Option&, const Value& value, std::vector<T>& field) {
  std::vector<T> parsed;
  for (const std::string& text : std::get<std::vector<std::string>>(value)) {
    const auto element = T::parse(text);
    if (!element) return not_allowed();
    parsed.push_back(*element);
  }
  field = std::move(parsed);
  return {};
}

template <auto kSection, auto kField>
Result<void> set(Config& config, const Option& option, const Value& value) {
  return convert(option, value, config.*kSection.*kField);
}

template <auto kField>
Result<void> set_webhook(Config& config, const Option& option, const Value& value) {
  return convert(option, value, config.webhooks.back().*kField);
}

constexpr Option kOptions[] = {
    {.section = "server",
     .key = "data_dir",
     .kind = Kind::Path,
     .standard = "/var/lib/visavis",
     .dev_standard = ".visavis",
     .flag = "--data-dir",
     .help = "Folder of what the server keeps: the database, its keys, recordings.",
     .assign = set<&Config::server, &ServerConfig::data_dir>},
    {.section = "server",
     .key = "key_file",
     .kind = Kind::Path,
     .help = "File with the key that encrypts secrets in the database. Empty: `key` in data_dir, "
             "made at the first start.",
     .assign = set<&Config::server, &ServerConfig::key_file>},

    {.section = "server",
     .key = "drain_timeout_s",
     .kind = Kind::Number,
     .standard = "0",
     .max = kMaxTimeoutS,
     .help = "Seconds that a server which is told to stop (SIGTERM) leaves open rooms to "
             "themselves. It takes no new ones meanwhile. A second signal ends the wait.",
     .assign = set<&Config::server, &ServerConfig::drain_timeout>},

    {.section = "http",
     .key = "listen",
     .kind = Kind::SocketAddresses,
     .standard = "0.0.0.0:7880",
     .dev_standard = "127.0.0.1:7880",
     .flag = "--http",
     .help = "Addresses of pages, API and signalling. Port 0 takes any free port.",
     .assign = set<&Config::http, &HttpConfig::listen>},
    {.section = "http",
     .key = "certificate",
     .kind = Kind::Path,
     .help = "Certificate chain in PEM; with it the server speaks HTTPS. A changed file is read "
             "again without a restart.",
     .assign = set<&Config::http, &HttpConfig::certificate>},
    {.section = "http",
     .key = "private_key",
     .kind = Kind::Path,
     .help = "Private key of the certificate, in PEM.",
     .assign = set<&Config::http, &HttpConfig::private_key>},
    {.section = "http",
     .key = "trusted_proxies",
     .kind = Kind::Networks,
     .help = "Reverse proxies whose X-Forwarded-For tells the client's address.",
     .assign = set<&Config::http, &HttpConfig::trusted_proxies>},
    {.section = "http",
     .key = "max_connections",
     .kind = Kind::Number,
     .standard = "10000",
     .min = 1,
     .max = kMaxCount,
     .help = "Connections open at once; one more is refused.",
     .assign = set<&Config::http, &HttpConfig::max_connections>},
    {.section = "http",
     .key = "base_path",
     .help = "Path in front of every route, such as /calls, where a proxy gives us a part of its "
             "host.",
     .assign = set<&Config::http, &HttpConfig::base_path>},
    {.section = "http",
     .key = "pages",
     .kind = Kind::Path,
     .help = "Folder of the built web pages. Empty: where the package or the build puts them.",
     .assign = set<&Config::http, &HttpConfig::pages>},

    {.section = "media",
     .key = "port",
     .kind = Kind::Number,
     .standard = "7882",
     .max = kMaxPort,
     .flag = "--media-port",
     .help = "UDP port of the first media worker; each further worker takes the next one. 0 takes "
             "any free ports.",
     .assign = set<&Config::media, &MediaConfig::port>},
    {.section = "media",
     .key = "workers",
     .kind = Kind::Number,
     .standard = "0",
     .max = 256,
     .help = "Media workers, each a thread of its own. 0: one per core.",
     .assign = set<&Config::media, &MediaConfig::workers>},
    {.section = "media",
     .key = "room_spread",
     .kind = Kind::Number,
     .standard = "200",
     .max = 100'000,
     .help = "How many participants of one room a media worker takes before the next ones are put "
             "on another worker. 0: a room stays on one worker.",
     .assign = set<&Config::media, &MediaConfig::room_spread>},
    {.section = "media",
     .key = "max_speakers",
     .kind = Kind::Number,
     .standard = "5",
     .max = limits::kSpeakers,
     .help = "How many microphones of a room are heard at once: in rooms with more, those that are "
             "spoken into. 0: all.",
     .assign = set<&Config::media, &MediaConfig::max_speakers>},
    {.section = "media",
     .key = "announce",
     .kind = Kind::IpAddresses,
     .help = "Addresses that clients are told to send media to, and no others. Empty: "
             "public_addresses and the addresses of this machine.",
     .assign = set<&Config::media, &MediaConfig::announce>},
    {.section = "media",
     .key = "public_addresses",
     .kind = Kind::IpAddresses,
     .help = "Public addresses that a NAT translates to this machine one to one, as clouds do. "
             "Clients are told them before the machine's own.",
     .assign = set<&Config::media, &MediaConfig::public_addresses>},
    {.section = "media",
     .key = "tcp",
     .kind = Kind::Flag,
     .standard = "true",
     .help = "Take media by TCP as well (ICE-TCP), on the port below `port`, for clients whose "
             "network lets no UDP through.",
     .assign = set<&Config::media, &MediaConfig::tcp>},
    {.section = "media",
     .key = "ice_lite",
     .kind = Kind::Flag,
     .standard = "true",
     .help = "Be an ICE-lite agent (RFC 8445) towards clients that can take it.",
     .assign = set<&Config::media, &MediaConfig::ice_lite>},

    {.section = "turn",
     .key = "enabled",
     .kind = Kind::Flag,
     .standard = "true",
     .help = "Run the TURN server, which relays to this server's own media ports and to nothing "
             "else, over UDP, over TCP on the port of media.tcp, and over TLS on the ports of "
             "http.listen where those speak HTTPS.",
     .assign = set<&Config::turn, &TurnConfig::enabled>},
    {.section = "turn",
     .key = "port",
     .kind = Kind::Number,
     .standard = "3478",
     .dev_standard = "0",
     .max = kMaxPort,
     .help = "UDP port of the TURN server. 0 takes any free one.",
     .assign = set<&Config::turn, &TurnConfig::port>},
    {.section = "turn",
     .key = "domain",
     .help = "Host name by which clients reach the TURN server, which the certificate of HTTPS "
             "must bear: without a name, TURN over TLS is not offered. Empty: the first address "
             "that clients are told to send media to.",
     .assign = set<&Config::turn, &TurnConfig::domain>},

    {.section = "sip",
     .key = "listen",
     .kind = Kind::SocketAddresses,
     .dev_standard = "127.0.0.1:5060",
     .flag = "--sip",
     .help = "Addresses of the SIP gateway. This version has none yet: the option is read and "
             "checked, and nothing listens.",
     .assign = set<&Config::sip, &SipConfig::listen>},
    {.section = "sip",
     .key = "dev_trunk",
     .dev_standard = "sip:127.0.0.1:5080",
     .flag = "--dev-trunk",
     .help = "Where the demo campaign of --dev will dial, once there is a SIP gateway.",
     .assign = set<&Config::sip, &SipConfig::dev_trunk>},

    {.section = "database",
     .key = "url",
     .standard = "sqlite:{data_dir}/visavis.db",
     .secret = true,
     .help = "sqlite:PATH ({data_dir} stands for that folder), or "
             "postgresql://USER:PASSWORD@HOST/NAME.",
     .assign = set<&Config::database, &DatabaseConfig::url>},

    {.section = "log",
     .key = "level",
     .kind = Kind::Choice,
     .standard = "info",
     .choices = kLevels,
     .help = "The least important events that are written.",
     .assign = set<&Config::log, &LogConfig::level>},
    {.section = "log",
     .key = "format",
     .kind = Kind::Choice,
     .standard = "text",
     .choices = kFormats,
     .help = "text for people, json (one object a line) for machines.",
     .assign = set<&Config::log, &LogConfig::format>},

    {.section = "meet",
     .key = "enabled",
     .kind = Kind::Flag,
     .standard = "false",
     .dev_standard = "true",
     .help = "Let anyone who opens the start page make and join rooms of `project`.",
     .assign = set<&Config::meet, &MeetConfig::enabled>},
    {.section = "meet",
     .key = "project",
     .dev_standard = "demo",
     .help = "The project in which the start page makes rooms.",
     .assign = set<&Config::meet, &MeetConfig::project>},

    {.section = "rooms",
     .key = "empty_timeout_s",
     .kind = Kind::Number,
     .standard = "300",
     .max = kMaxTimeoutS,
     .help = "Seconds that a room nobody ever joined stays open.",
     .assign = set<&Config::rooms, &RoomsConfig::empty_timeout>},
    {.section = "rooms",
     .key = "departure_timeout_s",
     .kind = Kind::Number,
     .standard = "20",
     .max = kMaxTimeoutS,
     .help = "Seconds that a room stays open after its last participant left.",
     .assign = set<&Config::rooms, &RoomsConfig::departure_timeout>},
    {.section = "rooms",
     .key = "max_participants",
     .kind = Kind::Number,
     .standard = "0",
     .max = kMaxCount,
     .help = "Participants in one room, unless the room says otherwise. 0: no limit.",
     .assign = set<&Config::rooms, &RoomsConfig::max_participants>},
    {.section = "rooms",
     .key = "auto_create",
     .kind = Kind::Flag,
     .standard = "true",
     .help = "Make a room when the first participant joins it. Otherwise rooms are made by API.",
     .assign = set<&Config::rooms, &RoomsConfig::auto_create>},

    {.section = "limits",
     .key = "rooms_max",
     .kind = Kind::Number,
     .standard = "0",
     .max = kMaxCount,
     .help = "Rooms open at once on this server. 0: no limit.",
     .assign = set<&Config::limits, &LimitsConfig::rooms_max>},
    {.section = "limits",
     .key = "participants_max",
     .kind = Kind::Number,
     .standard = "0",
     .max = kMaxCount,
     .help = "Participants connected at once on this server. 0: no limit.",
     .assign = set<&Config::limits, &LimitsConfig::participants_max>},

    {.section = "egress",
     .key = "allow_private",
     .kind = Kind::Networks,
     .dev_standard = "127.0.0.0/8, ::1/128",
     .flag = "--allow-private-egress",
     .help = "Private networks that webhooks and callbacks may reach. Every other address that is "
             "not public is refused.",
     .assign = set<&Config::egress, &EgressConfig::allow_private>},
};

constexpr Option kWebhookOptions[] = {
    {.section = "webhook",
     .key = "url",
     .help = "Where events are posted, in LiveKit's form.",
     .assign = set_webhook<&WebhookConfig::url>},
    {.section = "webhook",
     .key = "api_key",
     .help = "Id of the API key whose secret signs them.",
     .assign = set_webhook<&WebhookConfig::api_key>},
    {.section = "webhook",
     .key = "include",
     .kind = Kind::Texts,
     .help = "The events to send, such as room_started. Empty: all.",
     .assign = set_webhook<&WebhookConfig::include>},
    {.section = "webhook",
     .key = "exclude",
     .kind = Kind::Texts,
     .help = "Events not to send.",
     .assign = set_webhook<&WebhookConfig::exclude>},
};

}  // namespace

std::span<const Option> options() { return kOptions; }
std::span<const Option> webhook_options() { return kWebhookOptions; }

}  // namespace vis::app
