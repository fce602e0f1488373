#include "load/server_process.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "media_io/udp_socket.hpp"

namespace vis::bench {
namespace {

constexpr int kStopSeconds = 10;
constexpr std::size_t kLastWordsBytes = 1000;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  // execve does not write to them; its type is older than const.
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::uint16_t free_port(int type) {
  const media_io::FileDescriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  socklen_t length = sizeof any;
  auto* const address = reinterpret_cast<sockaddr*>(&any);
  if (::bind(socket.get(), address, length) != 0) fail("bind");
  if (::getsockname(socket.get(), address, &length) != 0) fail("getsockname");
  return ntohs(any.sin_port);
}

/// The fields of /proc/PID/stat from the third on; the second may hold spaces.
std::istringstream stat_fields(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return std::istringstream(text.substr(std::min(text.size(), text.rfind(')') + 1)));
}

std::uint64_t stat_number(pid_t pid, int field) {
  auto fields = stat_fields(pid);
  std::string word;
  for (int i = 3; i <= field; ++i) fields >> word;
  return word.empty() ? 0 : std::stoull(word);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "visavis-load-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail("a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream file(path_ / name);
  file << text;
  if (!file.flush()) fail(name);
}

ServerProcess::ServerProcess(const Options& options) : log_(options.log) {
  std::vector<std::string> environment = options.environment;
  for (char** at = environ; *at != nullptr; ++at) environment.emplace_back(*at);
  const auto argv = pointers(options.arguments);
  const auto envp = pointers(environment);
  const std::string log = options.log.string();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ > 0) return;
  // The child: only calls that are safe after fork.
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(options.core, &cores);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (output < 0 || ::getppid() != parent || ::sched_setaffinity(0, sizeof cores, &cores) != 0) {
    ::_exit(126);
  }
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

ServerProcess::~ServerProcess() {
  if (!ours_) return;
  if (running()) ::kill(pid_, SIGTERM);
  for (int i = 0; i < kStopSeconds * 10 && running(); ++i) ::usleep(100'000);
  if (running()) ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool ServerProcess::running() const {
  if (!ours_) return pid_ == 0 || ::kill(pid_, 0) == 0 || errno == EPERM;
  siginfo_t info{};
  // Leaves a dead child where it is, so that its id stays its own.
  const int looked = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return looked == 0 && info.si_pid == 0;
}

Duration ServerProcess::cpu_time() const {
  const auto ticks = stat_number(pid_, 14) + stat_number(pid_, 15);
  return Duration{ticks * (1'000'000'000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)))};
}

std::uint64_t ServerProcess::resident_bytes() const {
  return stat_number(pid_, 24) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string ServerProcess::last_words() const {
  std::ifstream file(log_);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.size() <= kLastWordsBytes ? text : text.substr(text.size() - kLastWordsBytes);
}

Duration own_cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return Duration{std::chrono::seconds{used.tv_sec}} + Duration{used.tv_nsec};
}

void run_on_core(unsigned core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (::sched_setaffinity(0, sizeof cores, &cores) != 0) fail("core " + std::to_string(core));
}

std::uint16_t free_tcp_port() { return free_port(SOCK_STREAM); }
std::uint16_t free_udp_port() { return free_port(SOCK_DGRAM); }

}  // namespace vis::bench
