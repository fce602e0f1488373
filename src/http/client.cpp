#include "http/client.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <cstring>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/owner_thread.hpp"
#include "http/event.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kResponseHeaderBytes = 16 * 1024;
constexpr long kConnectionsMax = 64;
constexpr int kPollMs = 1000;

/// A request on its way.
struct Job {
  ClientRequest request;
  asio::any_io_executor executor;
  std::atomic<bool> abandoned = false;  ///< Nobody waits any more.

  // Written on the client's thread before the executor hears of it, then only read.
  Result<ClientResponse> result = fail(Errc::Cancelled, "the HTTP client stops");

  // Of the waiting coroutine's thread.
  Event* waiter = nullptr;
  bool done = false;
};

/// Shared by the coroutine that waits and the client's thread: either may be done with it first.
using SharedJob = std::shared_ptr<Job>;

/// Tells the waiting coroutine, on its own thread.
void deliver(SharedJob job, Result<ClientResponse> result) {
  job->result = std::move(result);
  const asio::any_io_executor executor = job->executor;
  asio::post(executor, [job = std::move(job)] {
    job->done = true;
    if (job->waiter != nullptr) job->waiter->notify();
  });
}

std::optional<IpAddress> address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    IpAddress::V4Bytes bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return IpAddress::v4(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    IpAddress::V6Bytes bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return IpAddress::v6(bytes);
  }
  return std::nullopt;
}

bool is_header(const Headers::Field& field) {
  const bool clean =
      std::ranges::none_of(field.value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return clean && is_token(field.name);
}

/// One transfer of libcurl; lives on the client's thread.
class Transfer final {
 public:
  Transfer(SharedJob job, const ClientOptions& options)
      : job_(std::move(job)), options_(options), easy_(curl_easy_init()) {
    VIS_ASSERT(easy_ != nullptr);
    set_request();
    set_rules();
    set_callbacks();
  }
  ~Transfer() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* easy() const { return easy_; }
  const SharedJob& job() const { return job_; }

  Result<ClientResponse> finish(CURLcode code) {
    if (address_refused_) return fail(Errc::PermissionDenied, "that address may not be called");
    if (too_long_) return fail(Errc::LimitExceeded, "the answer is too long");
    switch (static_cast<int>(code)) {
      case CURLE_OK: break;
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_LOGIN_DENIED: return fail(Errc::InvalidArgument, "not an http or https URL");
      case CURLE_OPERATION_TIMEDOUT: return fail(Errc::Timeout, "no answer in time");
      default: return fail(Errc::Unavailable, reason(code));
    }
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<unsigned>(status);
    return std::move(response_);
  }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    VIS_ASSERT(curl_easy_setopt(easy_, option, value) == CURLE_OK);
  }

  void set_request() {
    const ClientRequest& request = job_->request;
    set(CURLOPT_URL, request.url.c_str());
    if (!request.body.empty() || request.method == Method::Post) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    set(CURLOPT_NOBODY, request.method == Method::Head ? 1L : 0L);
    set(CURLOPT_CUSTOMREQUEST, std::string(to_string(request.method)).c_str());
    add_header("Expect:");  // libcurl would wait a second for 100 Continue
    if (!request.headers.has("Content-Type")) add_header("Content-Type:");
    for (const auto& [name, value] : request.headers) {
      add_header(value.empty() ? name + ';' : fmt::format("{}: {}", name, value));
    }
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_USERAGENT, "visavis");
  }

  void set_rules() {
    using std::chrono::milliseconds;
    const auto timeout = std::chrono::ceil<milliseconds>(job_->request.timeout);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(timeout, milliseconds(1)).count()));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a name server that hangs must not hold up the others
    if (options_.authorities) set(CURLOPT_CAINFO, options_.authorities->c_str());
  }

  void set_callbacks() {
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
  }

  void add_header(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_, line.c_str());
    VIS_ASSERT(longer != nullptr);
    headers_ = longer;
  }

  std::string reason(CURLcode code) const {
    return error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
    auto& self = *static_cast<Transfer*>(context);
    std::string& body = self.response_.body;
    if (size > self.job_->request.response_bytes_max - body.size()) {
      self.too_long_ = true;
      return 0;
    }
    body.append(data, size);
    return size;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
    auto& self = *static_cast<Transfer*>(context);
    self.header_bytes_ += size;
    if (self.header_bytes_ > kResponseHeaderBytes) {
      self.too_long_ = true;
      return 0;
    }
    std::string_view line(data, size);
    if (line.starts_with("HTTP/")) self.response_.headers = {};  // after a 100 Continue
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    self.response_.headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
    return size;
  }

  static curl_socket_t on_open_socket(void* context, curlsocktype, curl_sockaddr* target) {
    auto& self = *static_cast<Transfer*>(context);
    const auto address = address_of(target->addr);
    if (!address || (self.options_.may_connect && !self.options_.may_connect(*address))) {
      self.address_refused_ = true;
      return CURL_SOCKET_BAD;
    }
    self.address_refused_ = false;
    return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
  }

  SharedJob job_;
  const ClientOptions& options_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  ClientResponse response_;
  std::size_t header_bytes_ = 0;
  bool too_long_ = false;
  bool address_refused_ = false;
  std::array<char, CURL_ERROR_SIZE> error_text_ = {};
};

}  // namespace

class Client::Impl final {
 public:
  explicit Impl(ClientOptions options) : options_(std::move(options)), multi_(curl_multi_init()) {
    VIS_ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, kConnectionsMax);
    thread_ = std::jthread([this] { work(); });
  }
  ~Impl() {
    stop();
    curl_multi_cleanup(multi_);
  }

  Task<Result<ClientResponse>> send(ClientRequest request);
  void stop();

 private:
  void work();
  bool take_new_jobs();
  void finish_transfers();
  void drop_abandoned();
  void remove(std::list<Transfer>::iterator transfer);

  const ClientOptions options_;
  CURLM* const multi_;

  // Of the caller's thread.
  OwnerThread owner_;
  std::size_t waiting_ = 0;

  std::mutex mutex_;  ///< Guards the two below.
  std::vector<SharedJob> new_jobs_;
  bool stopping_ = false;

  std::list<Transfer> transfers_;  ///< Of the client's thread.
  std::jthread thread_;
};

Task<Result<ClientResponse>> Client::Impl::send(ClientRequest request) {
  owner_.check();
  if (!std::ranges::all_of(request.headers, is_header)) {
    co_return fail(Errc::InvalidArgument, "bad header");
  }
  if (waiting_ == options_.requests_max) {
    co_return fail(Errc::LimitExceeded, "too many requests are waiting");
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Event done(executor);
  const SharedJob job = std::make_shared<Job>();
  job->request = std::move(request);
  job->executor = executor;
  job->waiter = &done;
  struct Wait {
    Job& job;
    std::size_t& waiting;
    ~Wait() {
      job.waiter = nullptr;
      job.abandoned = true;
      --waiting;
    }
  } wait{*job, waiting_};
  ++waiting_;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) co_return job->result;
    new_jobs_.push_back(job);
  }
  curl_multi_wakeup(multi_);
  while (!job->done) co_await done.wait();
  co_return std::move(job->result);
}

void Client::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  if (thread_.joinable()) thread_.join();
}

void Client::Impl::work() {
  while (take_new_jobs()) {
    int running = 0;
    curl_multi_perform(multi_, &running);
    finish_transfers();
    drop_abandoned();
    curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr);
  }
  while (!transfers_.empty()) {
    deliver(transfers_.front().job(), fail(Errc::Cancelled, "the HTTP client stops"));
    remove(transfers_.begin());
  }
}

/// Whether to go on.
bool Client::Impl::take_new_jobs() {
  std::vector<SharedJob> jobs;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(new_jobs_);
    stopping = stopping_;
  }
  for (SharedJob& job : jobs) {
    if (stopping) {
      deliver(std::move(job), fail(Errc::Cancelled, "the HTTP client stops"));
      continue;
    }
    Transfer& transfer = transfers_.emplace_back(std::move(job), options_);
    curl_multi_add_handle(multi_, transfer.easy());
  }
  return !stopping;
}

void Client::Impl::finish_transfers() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto transfer = std::ranges::find(transfers_, message->easy_handle, &Transfer::easy);
    VIS_ASSERT(transfer != transfers_.end());
    deliver(transfer->job(), transfer->finish(code));
    remove(transfer);
  }
}

void Client::Impl::drop_abandoned() {
  for (auto transfer = transfers_.begin(); transfer != transfers_.end();) {
    const auto current = transfer++;
    if (current->job()->abandoned) remove(current);
  }
}

void Client::Impl::remove(std::list<Transfer>::iterator transfer) {
  curl_multi_remove_handle(multi_, transfer->easy());
  transfers_.erase(transfer);
}

namespace {

void prepare_libcurl() {
  static const CURLcode prepared = curl_global_init(CURL_GLOBAL_DEFAULT);
  VIS_ASSERT(prepared == CURLE_OK);
}

}  // namespace

Client::Client(ClientOptions options) {
  prepare_libcurl();
  impl_ = std::make_unique<Impl>(std::move(options));
}
Client::~Client() = default;

Task<Result<ClientResponse>> Client::send(ClientRequest request) {
  return impl_->send(std::move(request));
}
void Client::stop() { impl_->stop(); }

}  // namespace vis::http
