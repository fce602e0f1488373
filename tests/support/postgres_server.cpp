#include "support/postgres_server.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace vis::test {
namespace {

const std::filesystem::path kPrograms = "/usr/lib/postgresql/15/bin";
const std::string kNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

/// Runs a shell command; throws with its output when it fails.
void run(const std::string& command) {
  const std::string with_errors = command + " </dev/null 2>&1";
  std::FILE* const pipe = ::popen(with_errors.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 4096> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe)) {
    output.append(piece.data(), count);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error(command + "\n" + output);
}

std::string as_server_user() { return ::geteuid() == 0 ? kNobody : std::string(); }

std::string program(std::string_view name) { return (kPrograms / name).string() + " "; }

}  // namespace

PostgresServer::PostgresServer() {
  std::string pattern = "/tmp/visavis-postgres-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  directory_ = pattern;
  const std::string clean_up = "cat; " + control("stop -m immediate") + "; rm -rf " + pattern;
  // A session of its own: what ends the test program shall not end this one too.
  caretaker_ = ::popen(("setsid sh -c '" + clean_up + "' >/dev/null 2>&1").c_str(), "we");
  if (caretaker_ == nullptr) throw std::runtime_error("cannot start " + clean_up);
  if (::geteuid() == 0) run("chown 65534:65534 " + pattern);
  run(as_server_user() + program("initdb") + "-D " + (directory_ / "data").string() +
      " -U visavis -A trust --no-sync --encoding=UTF8 --locale=C.UTF-8");
  start();
}

PostgresServer::~PostgresServer() { ::pclose(caretaker_); }

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

std::string PostgresServer::control(const std::string& arguments) const {
  return "cd / && " + as_server_user() + program("pg_ctl") + "-D " +
         (directory_ / "data").string() + " -l " + (directory_ / "log").string() + " -w " +
         arguments;
}

void PostgresServer::start() {
  run(control("-o \"-F -k " + directory_.string() + " -c listen_addresses=\" start"));
}

void PostgresServer::crash() { run(control("stop -m immediate")); }

std::string PostgresServer::create_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  const std::string host = "?host=" + directory_.string();
  run(program("psql") + "-X -q -c 'create database " + name + "' 'postgresql://visavis@/postgres" +
      host + "'");
  return "postgresql://visavis@/" + name + host;
}

void PostgresServer::run_script(std::string_view url, const std::filesystem::path& script) const {
  run(program("psql") + "-X -q -v ON_ERROR_STOP=1 -f " + script.string() + " '" + std::string(url) +
      "'");
}

}  // namespace vis::test
