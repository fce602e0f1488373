#include "load/janus_sfu.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace vis::bench {
namespace {

namespace json = boost::json;

constexpr const char* kProgram = "/usr/bin/janus";
constexpr auto kKeepAlive = std::chrono::seconds{20};

/// Only the plugin and the transport that are used are loaded.
constexpr std::string_view kDisabled = R"(
plugins: {
  disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,"
            "libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,"
            "libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so"
}
transports: {
  disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,"
            "libjanus_rabbitmq.so"
}
)";

ServerProcess::Options describe_server(const TemporaryFolder& folder, std::uint16_t port) {
  const std::string path = folder.path().string();
  std::string configuration = "general: {\n configs_folder = \"" + path + "\"\n";
  configuration += " debug_level = 2\n session_timeout = 0\n}\n";
  configuration += "media: { rtp_port_range = \"20000-60000\" }\n";
  configuration += std::string("nat: { ice_enforce_list = \"") + kServerAddress + "\" }\n";
  configuration += kDisabled;
  folder.write("janus.jcfg", configuration);
  folder.write("janus.transport.websockets.jcfg",
               "general: {\n json = \"compact\"\n ws = true\n wss = false\n"
               " ws_ip = \"127.0.0.1\"\n ws_port = " +
                   std::to_string(port) + "\n}\n");
  folder.write("janus.plugin.videoroom.jcfg", "general: { }\n");
  return {.arguments = {kProgram, "--configs-folder=" + path, "--config=" + path + "/janus.jcfg",
                        "--disable-colors"},
          .environment = {},
          .log = folder.path() / "log",
          .core = kServerCore};
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found == nullptr || !found->is_string() ? std::string{} : std::string(found->as_string());
}

}  // namespace

bool JanusSfu::available() { return std::filesystem::exists(kProgram); }

JanusSfu::JanusSfu(Generator& generator)
    : generator_(generator), process_(describe_server(folder_, port_)) {
  generator_.run_for(2s);
  if (!process_.running()) throw std::runtime_error("janus did not start");
  socket_ = std::make_unique<SignalSocket>(
      generator_.io(),
      SignalSocket::Options{.port = port_,
                            .target = "/",
                            .subprotocol = "janus-protocol",
                            .on_message = [this](const std::string& text) { take(text); }});
  request({{"janus", "create"}}, [this](const json::object& data) {
    session_ = data.at("id").to_number<std::uint64_t>();
    keep_alive();
    attach({}, [this](std::uint64_t id) { opener_ = id; });
  });
  if (!generator_.run_until([this] { return opener_ != 0; }, 10s)) {
    throw std::runtime_error("janus does not answer");
  }
}

// ---- requests ----

void JanusSfu::request(json::object message, Answer on_success) {
  const std::string transaction = std::to_string(next_transaction_++);
  message["transaction"] = transaction;
  if (session_ != 0) message["session_id"] = session_;
  if (on_success) waiting_.emplace(transaction, std::move(on_success));
  socket_->send(json::serialize(message));
}

void JanusSfu::attach(const Handle& handle, std::function<void(std::uint64_t)> on_handle) {
  request({{"janus", "attach"}, {"plugin", "janus.plugin.videoroom"}},
          [this, handle, on_handle = std::move(on_handle)](const json::object& data) {
            const auto id = data.at("id").to_number<std::uint64_t>();
            handles_.emplace(id, handle);
            on_handle(id);
          });
}

void JanusSfu::tell(std::uint64_t handle, json::object body, json::object jsep) {
  json::object message{{"janus", "message"}, {"handle_id", handle}, {"body", std::move(body)}};
  if (!jsep.empty()) message["jsep"] = std::move(jsep);
  request(std::move(message), {});
}

void JanusSfu::keep_alive() {
  request({{"janus", "keepalive"}}, {});
  const auto timer = std::make_shared<boost::asio::steady_timer>(generator_.io(), kKeepAlive);
  timer->async_wait([this, timer](const boost::system::error_code& error) {
    if (!error) keep_alive();
  });
}

void JanusSfu::open(const Room& room) {
  const std::uint64_t id = 1000 + rooms_.size();
  rooms_.emplace(&room, id);
  bool open = false;
  const json::object body{
      {"request", "create"},  {"room", id},          {"publishers", 100},       {"bitrate", 0},
      {"audiocodec", "opus"}, {"videocodec", "vp8"}, {"notify_joining", false}, {"fir_freq", 0}};
  request({{"janus", "message"}, {"handle_id", opener_}, {"body", body}},
          [&open](const json::object&) { open = true; });
  if (!generator_.run_until([&open] { return open; }, 10s)) {
    throw std::runtime_error("janus opens no room");
  }
}

void JanusSfu::join(Member& member) {
  if (!member.publishes) return;
  attach({.member = &member, .publishes = true}, [this, &member](std::uint64_t handle) {
    tell(handle, {{"request", "join"},
                  {"ptype", "publisher"},
                  {"room", rooms_.at(&member.room)},
                  {"display", member.name}});
  });
}

void JanusSfu::watch(Member& member) {
  if (!member.watches) return;
  json::array streams;
  for (const auto& other : member.room.members) {
    if (other.get() == &member || !other->published) continue;
    streams.push_back(json::object{{"feed", feeds_.at(other.get())}});
  }
  attach({.member = &member}, [this, &member, streams = std::move(streams)](std::uint64_t handle) {
    tell(handle, {{"request", "join"},
                  {"ptype", "subscriber"},
                  {"room", rooms_.at(&member.room)},
                  {"streams", streams}});
  });
}

// ---- answers and events ----

void JanusSfu::take(const std::string& text) {
  const json::object message = json::parse(text).as_object();
  const std::string kind = text_of(message, "janus");
  if (kind == "error") throw std::runtime_error("janus: " + text);
  if (kind == "success") {
    const auto found = waiting_.find(text_of(message, "transaction"));
    if (found == waiting_.end()) return;
    const Answer answer = std::move(found->second);
    waiting_.erase(found);
    const json::value* data = message.if_contains("data");
    if (data == nullptr) data = &message.at("plugindata").at("data");
    answer(data->as_object());
  } else if (kind == "event") {
    take_event(message.at("sender").to_number<std::uint64_t>(), message);
  } else if (kind == "webrtcup") {
    // Before it, nobody can subscribe to what the handle publishes.
    const Handle& handle = handles_.at(message.at("sender").to_number<std::uint64_t>());
    if (handle.publishes) handle.member->published = true;
  } else if (kind == "hangup") {
    throw std::runtime_error("janus hung up: " + text_of(message, "reason"));
  }
}

void JanusSfu::take_event(std::uint64_t id, const json::object& event) {
  const Handle& handle = handles_.at(id);
  const json::object& data = event.at("plugindata").at("data").as_object();
  if (const std::string error = text_of(data, "error"); !error.empty()) {
    throw std::runtime_error("janus: " + error);
  }
  if (const json::value* const jsep = event.if_contains("jsep")) {
    return take_description(id, handle, jsep->as_object());
  }
  if (text_of(data, "videoroom") != "joined") return;
  Member& member = *handle.member;
  feeds_[&member] = data.at("id").to_number<std::uint64_t>();
  member.sender = &generator_.add_client({.role = Client::Role::Sender});
  tell(id, {{"request", "publish"}},
       {{"type", "offer"}, {"sdp", member.sender->peer().create_offer()}});
}

void JanusSfu::take_description(std::uint64_t id, const Handle& handle, const json::object& jsep) {
  Member& member = *handle.member;
  const std::string sdp = text_of(jsep, "sdp");
  if (handle.publishes) {
    member.sender->describe(generator_.now(), false, sdp);
    return;
  }
  if (member.receivers.empty()) {
    const bool witness = receivers_++ % kReceiversPerWitness == 0;
    member.receivers.push_back(
        &generator_.add_client({.role = witness ? Client::Role::Witness : Client::Role::Receiver}));
  }
  tell(id, {{"request", "start"}},
       {{"type", "answer"},
        {"sdp", member.receivers.front()->describe(generator_.now(), true, sdp)}});
}

}  // namespace vis::bench
