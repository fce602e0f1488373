#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "base/socket_address.hpp"

/// What the operator chose. Each field is one row of the table in options.cpp, which gives its
/// default, its range and its explanation; `load_config` fills all of them.
namespace vis::app {

struct ServerConfig {
  std::filesystem::path data_dir;
  std::filesystem::path key_file;  ///< Empty: `key` in data_dir, made at the first start.
  std::chrono::seconds drain_timeout{};
};

struct HttpConfig {
  std::vector<SocketAddress> listen;
  std::filesystem::path certificate;  ///< Empty: plain HTTP.
  std::filesystem::path private_key;
  std::vector<IpPrefix> trusted_proxies;
  std::uint32_t max_connections = 0;
  std::string base_path;        ///< Empty, or `/path` without a slash at the end.
  std::filesystem::path pages;  ///< Empty: where the program finds them itself.
};

struct MediaConfig {
  std::uint16_t port = 0;  ///< Of the first worker; 0: any free ports.
  std::uint32_t workers = 0;
  std::vector<IpAddress> announce;  ///< Empty: public_addresses and those of this machine.
  std::vector<IpAddress> public_addresses;
  bool tcp = false;  ///< On the port below `port`.
  std::uint32_t max_speakers = 0;
  std::uint32_t room_spread = 0;
  bool ice_lite = false;
};

struct TurnConfig {
  bool enabled = false;
  std::uint16_t port = 0;  ///< UDP; 0: any free one.
  std::string domain;      ///< Empty: the first address that clients are told.
};

struct SipConfig {
  std::vector<SocketAddress> listen;
  std::string dev_trunk;
};

struct DatabaseConfig {
  Secret url;  ///< `sqlite:PATH` or `postgresql://...`; it may hold a password.
};

struct LogConfig {
  log::Level level = log::Level::Info;
  log::Format format = log::Format::Text;
};

struct MeetConfig {
  bool enabled = false;
  std::string project;
};

struct RoomsConfig {
  std::chrono::seconds empty_timeout{};
  std::chrono::seconds departure_timeout{};
  std::uint32_t max_participants = 0;  ///< 0: no limit.
  bool auto_create = false;
};

struct LimitsConfig {
  std::uint32_t rooms_max = 0;         ///< 0: no limit.
  std::uint32_t participants_max = 0;  ///< 0: no limit.
};

struct EgressConfig {
  std::vector<IpPrefix> allow_private;
};

struct WebhookConfig {
  std::string url;
  std::string api_key;  ///< The id of the key that signs; its secret is in the database.
  std::vector<std::string> include;  ///< Empty: every event.
  std::vector<std::string> exclude;
};

struct Config {
  bool dev = false;
  bool take_over = false;  ///< From the server that runs on the data directory, if one does.
  ServerConfig server;
  HttpConfig http;
  MediaConfig media;
  TurnConfig turn;
  SipConfig sip;
  DatabaseConfig database;
  LogConfig log;
  MeetConfig meet;
  RoomsConfig rooms;
  LimitsConfig limits;
  EgressConfig egress;
  std::vector<WebhookConfig> webhooks;
};

}  // namespace vis::app
