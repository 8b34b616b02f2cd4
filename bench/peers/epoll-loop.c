/*
 * Peer: the floor. One thread, epoll, and one write() for each client of an event encoded once.
 * Obeys the same lines on standard input as the other servers: "pace <per second> <ms>",
 * "flood <ms>", anything else is answered {}; the end of standard input ends it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 4096
#define MAX_EVENTS 1024
#define EVENT_BYTES 172
#define ROWS 1000
#define FIRST_ID 100000
#define FIRST_SEQ 1000000

static const char HEAD[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

static int *clients;
static int client_count, client_room;
static int epoll_fd, listen_fd;
static long count;

static double now_s(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void drop(int fd) {
  for (int i = 0; i < client_count; i++)
    if (clients[i] == fd) clients[i] = clients[--client_count];
  close(fd);
}

/* Writes all of it; a client that is slow is waited for. Returns 0 when the client has gone. */
static int write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written >= 0) {
      bytes += written;
      length -= written;
    } else if (errno == EAGAIN) {
      struct pollfd slow = {.fd = fd, .events = POLLOUT};
      poll(&slow, 1, -1);
    } else {
      return 0;
    }
  }
  return 1;
}

/* The event of servers/event.ts, chunk framing included. */
static size_t encode(char *chunk, size_t room) {
  char pad[EVENT_BYTES + 1], event[2 * EVENT_BYTES], stamp[32];
  struct timespec t;
  struct tm utc;
  int length = 0;
  clock_gettime(CLOCK_REALTIME, &t);
  gmtime_r(&t.tv_sec, &utc);
  strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
  memset(pad, 'a' + count % 26, EVENT_BYTES);
  /* Twice: the first time shows how much filling there is to be. */
  for (int filling = 0, pass = 0; pass < 2; pass++, filling = EVENT_BYTES - length)
    length = snprintf(event, sizeof event,
                      "data: {\"type\":\"update\",\"data\":{\"id\":%ld,\"pad\":\"%.*s\","
                      "\"at\":%lld},\"message\":\"Updated %ld\",\"timestamp\":\"%s.%03ldZ\"}\n"
                      "id: bench.%ld\n\n",
                      FIRST_ID + count % ROWS, filling, pad,
                      t.tv_sec * 1000000LL + t.tv_nsec / 1000, FIRST_ID + count % ROWS, stamp,
                      t.tv_nsec / 1000000, FIRST_SEQ + count);
  count++;
  return snprintf(chunk, room, "%x\r\n%s\r\n", length, event);
}

static void publish(void) {
  char chunk[2 * EVENT_BYTES];
  size_t length = encode(chunk, sizeof chunk);
  for (int i = client_count - 1; i >= 0; i--)
    if (!write_all(clients[i], chunk, length)) drop(clients[i]);
}

static void accept_all(void) {
  int fd, yes = 1;
  while ((fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &interest);
  }
}

/* The first bytes of a client are taken for its request. */
static void read_client(int fd) {
  char request[4096];
  if (read(fd, request, sizeof request) <= 0) {
    drop(fd);
    return;
  }
  for (int i = 0; i < client_count; i++)
    if (clients[i] == fd) return;
  if (client_count == client_room)
    clients = realloc(clients, (client_room = client_room * 2 + 64) * sizeof *clients);
  clients[client_count++] = fd;
  write_all(fd, HEAD, sizeof HEAD - 1);
}

/* Looks after connections for up to wait_ms. Returns 1 when an order may be read. */
static int turn(int wait_ms) {
  struct epoll_event events[MAX_EVENTS];
  int order = 0;
  int ready = epoll_wait(epoll_fd, events, MAX_EVENTS, wait_ms);
  for (int i = 0; i < ready; i++) {
    int fd = events[i].data.fd;
    if (fd == listen_fd) accept_all();
    else if (fd == STDIN_FILENO) order = 1;
    else read_client(fd);
  }
  return order;
}

static void pace(double per_second, double for_ms) {
  double start = now_s(CLOCK_MONOTONIC), elapsed;
  long published = 0;
  while ((elapsed = now_s(CLOCK_MONOTONIC) - start) < for_ms / 1e3) {
    for (long due = elapsed * per_second; published <= due; published++) publish();
    double wait_s = published / per_second - (now_s(CLOCK_MONOTONIC) - start);
    turn(wait_s > 0.001 ? wait_s * 1e3 : 1);
  }
  printf("{\"published\":%ld}\n", published);
}

static void flood(double for_ms) {
  double end = now_s(CLOCK_MONOTONIC) + for_ms / 1e3;
  long published = 0;
  for (; now_s(CLOCK_MONOTONIC) < end; published++) {
    publish();
    turn(0);
  }
  printf("{\"published\":%ld}\n", published);
}

int main(void) {
  struct rlimit files;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t address_size = sizeof address;
  char line[256];
  double first, second;

  signal(SIGPIPE, SIG_IGN);
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  setvbuf(stdout, NULL, _IOLBF, 0);
  epoll_fd = epoll_create1(0);
  listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(listen_fd, (struct sockaddr *)&address, sizeof address) || listen(listen_fd, BACKLOG)) {
    perror("listen");
    return 1;
  }
  getsockname(listen_fd, (struct sockaddr *)&address, &address_size);
  for (int i = 0; i < 2; i++) {
    int fd = i ? listen_fd : STDIN_FILENO;
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &interest);
  }
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  for (;;) {
    if (!turn(-1)) continue;
    if (fgets(line, sizeof line, stdin) == NULL) return 0;
    if (sscanf(line, "pace %lf %lf", &first, &second) == 2) pace(first, second);
    else if (sscanf(line, "flood %lf", &first) == 1) flood(first);
    else printf("{}\n");
  }
}
