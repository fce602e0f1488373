#include "media/turn/server.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "media/stun/attributes.hpp"
#include "media/stun/builder.hpp"
#include "media/turn/attributes.hpp"

namespace vis::media::turn {
namespace {

constexpr Duration kLifetimeDefault = 600s;
constexpr Duration kSweepInterval = 5s;
constexpr Duration kChallengeWindow = 1s;
/// They are names, so that all but the well-known ones will do.
constexpr std::uint32_t kFirstRelayedPort = 1024;
constexpr std::uint32_t kRelayedPorts = 65536 - kFirstRelayedPort;
static_assert(limits::kTurnAllocations <= kRelayedPorts / 2);

std::string_view words(std::uint16_t code) {
  switch (code) {
    case kBadRequest: return "Bad Request";
    case kUnauthenticated: return "Unauthenticated";
    case kForbidden: return "Forbidden";
    case stun::kUnknownAttribute: return "Unknown Attribute";
    case kAllocationMismatch: return "Allocation Mismatch";
    case kStaleNonce: return "Stale Nonce";
    case kAddressFamilyNotSupported: return "Address Family not Supported";
    case kWrongCredentials: return "Wrong Credentials";
    case kUnsupportedTransport: return "Unsupported Transport Protocol";
    case kPeerAddressFamilyMismatch: return "Peer Address Family Mismatch";
    case kAllocationQuotaReached: return "Allocation Quota Reached";
    case kInsufficientCapacity: return "Insufficient Capacity";
    default: return "Error";
  }
}

void add_u32(stun::MessageBuilder& builder, std::uint16_t type, std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes{};
  ByteWriter{bytes}.u32(value);
  builder.add_value(type, bytes);
}

std::uint32_t seconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

Server::Server(Config config, RandomSource& random)
    : config_(std::move(config)),
      random_(random),
      credentials_(config_.secret),
      nonces_(CredentialAuthority::make_secret(random)),
      bucket_seed_(random.u64()) {
  VIS_ASSERT(!config_.peers.empty());
}

// ---- what comes in ----

Server::Output Server::on_message(const Now& now, const ClientId& client, Bytes message) {
  if (!message.empty() && message[0] >= 0x40)
    return on_channel_data(now.monotonic, client, message);
  const auto parsed = Message::parse(message);
  if (!parsed) return drop(Refusal::Malformed);
  switch (parsed->stun.message_class) {
    case stun::Class::Request: return on_request(now, client, *parsed);
    case stun::Class::Indication:
      if (parsed->stun.method == stun::Method::Send) return on_send(now.monotonic, client, *parsed);
      return {};
    case stun::Class::SuccessResponse:
    case stun::Class::ErrorResponse: return {};
  }
  std::unreachable();
}

Server::Output Server::on_request(const Now& now, const ClientId& client, const Message& message) {
  if (message.stun.method == stun::Method::Binding) {
    if (!may_challenge(now.monotonic, client.address.ip)) return drop(Refusal::Flood);
    return on_binding(client, message);
  }
  if (!message.stun.integrity_at) return challenge(now, client, message, kUnauthenticated);
  if (!message.stun.username || !message.realm || !message.nonce) {
    if (!may_challenge(now.monotonic, client.address.ip)) return drop(Refusal::Flood);
    ++counters_.refused[std::to_underlying(Refusal::Malformed)];
    return answer_without_key(client, message, kBadRequest);
  }
  if (!nonces_.accepts(*message.nonce, now.monotonic, client.address)) {
    return challenge(now, client, message, kStaleNonce);
  }
  Allocation* const allocation = find(now.monotonic, client);
  if (allocation != nullptr && allocation->username() == *message.stun.username) {
    if (!message.stun.verify_integrity(allocation->key())) {
      return challenge(now, client, message, kUnauthenticated);
    }
    return on_authenticated({.now = now,
                             .client = client,
                             .message = message,
                             .allocation = allocation,
                             .key = allocation->key()});
  }
  const auto key = credentials_.key_of(*message.stun.username, config_.realm, now.wall);
  if (!key && key.error().code == Errc::Timeout) {
    ++counters_.refused[std::to_underlying(Refusal::ExpiredCredential)];
  }
  if (!key || *message.realm != config_.realm || !message.stun.verify_integrity(*key)) {
    return challenge(now, client, message, kUnauthenticated);
  }
  const Request request{
      .now = now, .client = client, .message = message, .allocation = allocation, .key = *key};
  if (allocation != nullptr) return refuse(request, kWrongCredentials, Refusal::Unauthenticated);
  return on_authenticated(request);
}

Server::Output Server::on_authenticated(const Request& request) {
  if (!request.message.unknown_required().empty()) {
    return refuse(request, stun::kUnknownAttribute, Refusal::Unsupported);
  }
  switch (request.message.stun.method) {
    case stun::Method::Allocate: return on_allocate(request);
    case stun::Method::Refresh: return on_refresh(request);
    case stun::Method::CreatePermission: return on_create_permission(request);
    case stun::Method::ChannelBind: return on_channel_bind(request);
    case stun::Method::Binding:
    case stun::Method::Send:
    case stun::Method::Data: break;
  }
  return refuse(request, kBadRequest, Refusal::Malformed);
}

Server::Output Server::on_binding(const ClientId& client, const Message& message) {
  stun::MessageBuilder builder{buffer_, stun::Class::SuccessResponse, message.stun.transaction_id};
  builder.add_xor_mapped_address(client.address);
  return {.to_client = ToClient{.client = client, .message = builder.finish()}, .to_peer = {}};
}

// ---- allocations ----

Server::Output Server::on_allocate(const Request& request) {
  const Message& message = request.message;
  if (request.allocation != nullptr) {
    const bool repeated = request.allocation->made_by() == message.stun.transaction_id;
    if (repeated) return allocated(request, *request.allocation);
    return refuse(request, kAllocationMismatch, Refusal::Malformed);
  }
  if (!message.requested_transport) return refuse(request, kBadRequest, Refusal::Malformed);
  if (*message.requested_transport != kUdpProtocol) {
    return refuse(request, kUnsupportedTransport, Refusal::Unsupported);
  }
  if (message.wants_port_pair) {
    return refuse(request, kInsufficientCapacity, Refusal::Unsupported);
  }
  const std::string username{*message.stun.username};
  const auto held = per_username_.find(username);
  if (held != per_username_.end() && held->second >= limits::kTurnAllocationsPerCredential) {
    return refuse(request, kAllocationQuotaReached, Refusal::Quota);
  }
  if (allocations_.size() >= limits::kTurnAllocations) {
    return refuse(request, kInsufficientCapacity, Refusal::Capacity);
  }
  const auto relayed = new_relayed_address(message);
  if (!relayed) return refuse(request, kAddressFamilyNotSupported, Refusal::Unsupported);
  auto key = credentials_.key_of(username, config_.realm, request.now.wall);
  VIS_ASSERT(key.has_value());
  const TimePoint now = request.now.monotonic;
  auto made =
      std::make_unique<Allocation>(Allocation::Identity{.client = request.client,
                                                        .username = username,
                                                        .made_by = message.stun.transaction_id,
                                                        .relayed = *relayed},
                                   *std::move(key), now + lifetime_of(message));
  Allocation& allocation = *made;
  allocations_.emplace(request.client, std::move(made));
  by_port_[relayed->port] = &allocation;
  ++per_username_[username];
  ++counters_.allocations_made;
  if (!next_sweep_) next_sweep_ = now + kSweepInterval;
  return allocated(request, allocation);
}

Server::Output Server::allocated(const Request& request, const Allocation& allocation) {
  stun::MessageBuilder builder{buffer_, stun::Class::SuccessResponse,
                               request.message.stun.transaction_id, stun::Method::Allocate};
  builder.add_xor_address(attribute::kXorRelayedAddress, allocation.relayed());
  builder.add_xor_mapped_address(request.client.address);
  add_u32(builder, attribute::kLifetime, seconds(lifetime_of(request.message)));
  return {
      .to_client = ToClient{.client = request.client, .message = builder.finish(allocation.key())},
      .to_peer = {}};
}

Server::Output Server::on_refresh(const Request& request) {
  if (request.allocation == nullptr) {
    return refuse(request, kAllocationMismatch, Refusal::NoAllocation);
  }
  const Message& message = request.message;
  const bool v6 = request.allocation->relayed().ip.is_v6();
  const std::uint8_t family = v6 ? stun::attribute::kFamilyV6 : stun::attribute::kFamilyV4;
  if (message.requested_family.value_or(family) != family) {
    return refuse(request, kPeerAddressFamilyMismatch, Refusal::Unsupported);
  }
  const bool ends = message.lifetime_s == 0U;
  const Duration lifetime = ends ? Duration::zero() : lifetime_of(message);
  request.allocation->refresh(request.now.monotonic + lifetime);
  stun::MessageBuilder builder{buffer_, stun::Class::SuccessResponse, message.stun.transaction_id,
                               stun::Method::Refresh};
  add_u32(builder, attribute::kLifetime, seconds(lifetime));
  const Output output{
      .to_client = ToClient{.client = request.client, .message = builder.finish(request.key)},
      .to_peer = {}};
  if (ends) on_disconnect(request.client);
  return output;
}

Server::Output Server::on_create_permission(const Request& request) {
  if (request.allocation == nullptr) {
    return refuse(request, kAllocationMismatch, Refusal::NoAllocation);
  }
  const auto peers = request.message.peers();
  if (peers.empty()) return refuse(request, kBadRequest, Refusal::Malformed);
  for (const SocketAddress& peer : peers) {
    if (!is_own(peer.ip)) return refuse(request, kForbidden, Refusal::ForeignPeer);
  }
  for (const SocketAddress& peer : peers) {
    request.allocation->permit(request.now.monotonic, peer.ip);
  }
  return granted(request);
}

Server::Output Server::on_channel_bind(const Request& request) {
  if (request.allocation == nullptr) {
    return refuse(request, kAllocationMismatch, Refusal::NoAllocation);
  }
  const Message& message = request.message;
  const std::uint16_t channel = message.channel.value_or(0);
  if (!ChannelData::is_number(channel) || message.peers().size() != 1) {
    return refuse(request, kBadRequest, Refusal::Malformed);
  }
  const SocketAddress& peer = message.peers().front();
  const auto number = peer_number(peer);
  if (!number) return refuse(request, kForbidden, Refusal::ForeignPeer);
  const TimePoint now = request.now.monotonic;
  switch (request.allocation->bind(now, channel, *number)) {
    case Allocation::BindResult::Bound:
      request.allocation->permit(now, peer.ip);
      return granted(request);
    case Allocation::BindResult::Conflict: return refuse(request, kBadRequest, Refusal::Malformed);
    case Allocation::BindResult::Full:
      return refuse(request, kInsufficientCapacity, Refusal::Capacity);
  }
  std::unreachable();
}

void Server::on_disconnect(const ClientId& client) {
  const auto found = allocations_.find(client);
  if (found != allocations_.end()) erase(found);
}

// ---- data ----

Server::Output Server::on_send(TimePoint now, const ClientId& client, const Message& message) {
  Allocation* const allocation = find(now, client);
  if (allocation == nullptr) return drop(Refusal::NoAllocation);
  if (message.peers().size() != 1 || !message.data || !message.unknown_required().empty()) {
    return drop(Refusal::Malformed);
  }
  const SocketAddress& peer = message.peers().front();
  const auto number = peer_number(peer);
  if (!number) return drop(Refusal::ForeignPeer);
  if (!allocation->permits(now, peer.ip)) return drop(Refusal::NotPermitted);
  ++counters_.relayed_to_peers;
  return {
      .to_client = {},
      .to_peer = ToPeer{.peer = *number, .relayed = allocation->relayed(), .data = *message.data}};
}

Server::Output Server::on_channel_data(TimePoint now, const ClientId& client, Bytes bytes) {
  const auto parsed = ChannelData::parse(bytes);
  if (!parsed) return drop(Refusal::Malformed);
  Allocation* const allocation = find(now, client);
  if (allocation == nullptr) return drop(Refusal::NoAllocation);
  const auto peer = allocation->peer_of(now, parsed->number);
  if (!peer || !allocation->permits(now, config_.peers[*peer].ip)) {
    return drop(Refusal::NotPermitted);
  }
  ++counters_.relayed_to_peers;
  return {.to_client = {},
          .to_peer = ToPeer{.peer = *peer, .relayed = allocation->relayed(), .data = parsed->data}};
}

std::optional<Server::ToClient> Server::on_peer_data(TimePoint now, std::size_t peer,
                                                     const SocketAddress& relayed, Bytes data) {
  VIS_ASSERT(peer < config_.peers.size());
  const auto found = by_port_.find(relayed.port);
  const bool known = found != by_port_.end() && found->second->relayed() == relayed &&
                     !found->second->expired(now);
  if (!known || !found->second->permits(now, config_.peers[peer].ip)) {
    ++counters_.refused[std::to_underlying(known ? Refusal::NotPermitted : Refusal::NoAllocation)];
    return std::nullopt;
  }
  const Allocation& allocation = *found->second;
  Bytes message;
  if (const auto channel = allocation.channel_of(now, peer)) {
    ByteWriter writer{buffer_};
    const bool stream = allocation.client().carrier != Carrier::Udp;
    ChannelData{.number = *channel, .data = data}.write(writer, stream);
    if (writer.ok()) message = writer.written();
  } else {
    stun::TransactionId id{};
    random_.fill(id);
    stun::MessageBuilder builder{buffer_, stun::Class::Indication, id, stun::Method::Data};
    builder.add_xor_address(attribute::kXorPeerAddress, config_.peers[peer]);
    builder.add_value(attribute::kData, data);
    message = builder.finish();
  }
  if (message.empty()) return std::nullopt;
  ++counters_.relayed_to_clients;
  return ToClient{.client = allocation.client(), .message = message};
}

// ---- time ----

void Server::on_deadline(TimePoint now) {
  if (!next_sweep_ || now < *next_sweep_) return;
  for (auto each = allocations_.begin(); each != allocations_.end();) {
    const auto current = each++;
    if (current->second->expired(now)) erase(current);
  }
  next_sweep_.reset();
  if (!allocations_.empty()) next_sweep_ = now + kSweepInterval;
}

std::optional<TimePoint> Server::next_deadline() const { return next_sweep_; }

// ---- answers ----

Server::Output Server::granted(const Request& request) {
  stun::MessageBuilder builder{buffer_, stun::Class::SuccessResponse,
                               request.message.stun.transaction_id, request.message.stun.method};
  return {.to_client = ToClient{.client = request.client, .message = builder.finish(request.key)},
          .to_peer = {}};
}

Server::Output Server::refuse(const Request& request, std::uint16_t code, Refusal why) {
  ++counters_.refused[std::to_underlying(why)];
  stun::MessageBuilder builder{buffer_, stun::Class::ErrorResponse,
                               request.message.stun.transaction_id, request.message.stun.method};
  builder.add_error_code(code, words(code));
  if (code == stun::kUnknownAttribute) {
    builder.add_unknown_attributes(request.message.unknown_required());
  }
  return {.to_client = ToClient{.client = request.client, .message = builder.finish(request.key)},
          .to_peer = {}};
}

Server::Output Server::challenge(const Now& now, const ClientId& client, const Message& message,
                                 std::uint16_t code) {
  if (!may_challenge(now.monotonic, client.address.ip)) return drop(Refusal::Flood);
  ++counters_.refused[std::to_underlying(Refusal::Unauthenticated)];
  stun::MessageBuilder builder{buffer_, stun::Class::ErrorResponse, message.stun.transaction_id,
                               message.stun.method};
  builder.add_error_code(code, words(code));
  builder.add_value(stun::attribute::kRealm, as_bytes(config_.realm));
  const std::string nonce = nonces_.issue(now.monotonic, client.address);
  builder.add_value(stun::attribute::kNonce, as_bytes(nonce));
  return {.to_client = ToClient{.client = client, .message = builder.finish()}, .to_peer = {}};
}

Server::Output Server::answer_without_key(const ClientId& client, const Message& message,
                                          std::uint16_t code) {
  stun::MessageBuilder builder{buffer_, stun::Class::ErrorResponse, message.stun.transaction_id,
                               message.stun.method};
  builder.add_error_code(code, words(code));
  return {.to_client = ToClient{.client = client, .message = builder.finish()}, .to_peer = {}};
}

Server::Output Server::drop(Refusal why) {
  ++counters_.refused[std::to_underlying(why)];
  return {};
}

bool Server::may_challenge(TimePoint now, const IpAddress& source) {
  if (now - challenges_since_ >= kChallengeWindow) {
    challenges_.fill(0);
    challenges_since_ = now;
  }
  const std::size_t hash = std::hash<SocketAddress>{}({.ip = source, .port = 0}) ^
                           static_cast<std::size_t>(bucket_seed_);
  std::uint32_t& answered = challenges_[(hash * 0x9E3779B97F4A7C15U >> 32) % challenges_.size()];
  return ++answered <= limits::kTurnChallengesPerSecond;
}

// ---- what there is ----

Allocation* Server::find(TimePoint now, const ClientId& client) {
  const auto found = allocations_.find(client);
  if (found == allocations_.end()) return nullptr;
  if (!found->second->expired(now)) return found->second.get();
  erase(found);
  return nullptr;
}

void Server::erase(Allocations::iterator allocation) {
  by_port_.erase(allocation->second->relayed().port);
  const auto held = per_username_.find(allocation->second->username());
  if (--held->second == 0) per_username_.erase(held);
  allocations_.erase(allocation);
}

std::optional<std::size_t> Server::peer_number(const SocketAddress& peer) const {
  const auto found = std::ranges::find(config_.peers, peer);
  if (found == config_.peers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - config_.peers.begin());
}

bool Server::is_own(const IpAddress& ip) const {
  return std::ranges::any_of(config_.peers,
                             [&](const SocketAddress& peer) { return peer.ip == ip; });
}

/// Of the family that the client asks for, else of whichever we have, IPv4 first. As it is a name
/// only, it reaches peers of both.
std::optional<SocketAddress> Server::new_relayed_address(const Message& message) {
  const auto of_family = [&](bool v6) -> std::optional<IpAddress> {
    const auto found = std::ranges::find_if(
        config_.peers, [v6](const SocketAddress& peer) { return peer.ip.is_v6() == v6; });
    if (found == config_.peers.end()) return std::nullopt;
    return found->ip;
  };
  std::optional<IpAddress> ip;
  if (message.requested_family) {
    const bool v6 = *message.requested_family == stun::attribute::kFamilyV6;
    if (!v6 && *message.requested_family != stun::attribute::kFamilyV4) return std::nullopt;
    ip = of_family(v6);
  } else {
    ip = of_family(false);
    if (!ip) ip = of_family(true);
  }
  if (!ip) return std::nullopt;
  // At least half of all ports are free, so this ends soon.
  for (;;) {
    const auto port = static_cast<std::uint16_t>(kFirstRelayedPort + random_.below(kRelayedPorts));
    if (!by_port_.contains(port)) return SocketAddress{.ip = *ip, .port = port};
  }
}

Duration Server::lifetime_of(const Message& message) const {
  const std::chrono::seconds asked{message.lifetime_s.value_or(0)};
  return std::clamp<Duration>(asked, kLifetimeDefault, limits::kTurnLifetimeMax);
}

}  // namespace vis::media::turn
