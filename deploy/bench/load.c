// A load generator for HTTP/1.1 on loopback, one thread, epoll. Prints one JSON object.
//
//   load requests PORT CONNECTIONS SECONDS BODYFILE [STATUS]   as many requests as go, each connection one at a time
//   load rate     PORT RATE SECONDS BODYFILE [STATUS]          RATE requests a second, timed from when each was due
//   load get      PORT RATE SECONDS PATH           the same for GET PATH
//   load streams  PORT STREAMS BODYFILE                    that many SSE streams at once, each read to its end
//   load idle     PORT CONNECTIONS SECONDS                 connections that say nothing
//
// With `-p PATH` before all others, bodies are posted to PATH and not to /v1/chat/completions.
//
// Latencies are in microseconds. An answer of another status than STATUS (200) is an error. A stream is complete if it ended with `data: [DONE]` or Anthropic's `message_stop`; a gap is the time between two
// reads of one stream.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 64 << 10, SAMPLES_MAX = 4 << 20 };

struct client {
    int fd;
    size_t sent;
    char *in;
    size_t have;
    double began, last, gap_max;
    int busy, done, complete;
    long events, gaps_250;
    char tail[16];
};

static const char *path = "/v1/chat/completions";
static char *request;
static size_t request_length;
static int port, epoll_fd;
static double *samples;
static char wanted[16] = "HTTP/1.1 200";
static long sample_count, errors;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void load_request(const char *name, int keep) {
    FILE *file = fopen(name, "rb");
    if (!file) die(name);
    static char body[4 << 20];
    size_t length = fread(body, 1, sizeof body, file);
    fclose(file);
    request = malloc(length + 512);
    int head = sprintf(request,
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                       "Connection: %s\r\nContent-Length: %zu\r\n\r\n",
                       path, keep ? "keep-alive" : "close", length);
    memcpy(request + head, body, length);
    request_length = head + length;
}

static void get_request(const char *path) {
    request = malloc(strlen(path) + 64);
    request_length = sprintf(request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
}

static void watch(struct client *c, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll_fd, operation, c->fd, &event) < 0) die("epoll_ctl");
}

static void open_client(struct client *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    if (!c->in) c->in = malloc(BUFFER);
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

static void begin(struct client *c, double at) {
    c->began = at;
    c->busy = 1;
    c->have = 0;
    if (write(c->fd, request, request_length) != (ssize_t)request_length) errors++;
}

static void sample(double seconds) {
    if (sample_count < SAMPLES_MAX) samples[sample_count++] = seconds * 1e6;
}

// Whether a whole answer is in the buffer: with a length, or the last chunk.
static int is_whole(struct client *c) {
    c->in[c->have] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return 0;
    char *length = strcasestr(c->in, "\r\ncontent-length:");
    if (length && length < end) return c->have >= (size_t)(end + 4 - c->in) + strtoul(length + 17, NULL, 10);
    return c->have >= 5 && !memcmp(c->in + c->have - 5, "0\r\n\r\n", 5);
}

// Reads what is there; 1 when an answer is complete, -1 when the connection has ended.
static int take(struct client *c) {
    ssize_t got = read(c->fd, c->in + c->have, BUFFER - 1 - c->have);
    if (got < 0 && errno == EAGAIN) return 0;
    if (got <= 0) return -1;
    c->have += got;
    if (!is_whole(c)) return 0;
    if (strncmp(c->in, wanted, 12)) errors++;
    return 1;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(double p) {
    return sample_count ? samples[(long)((sample_count - 1) * p)] : 0;
}

static void report(double seconds) {
    qsort(samples, sample_count, sizeof *samples, by_size);
    printf("{\"requests\": %ld, \"seconds\": %.3f, \"errors\": %ld, \"p50\": %.0f, \"p90\": %.0f, \"p99\": %.0f, \"max\": %.0f}\n",
           sample_count, seconds, errors, percentile(.5), percentile(.9), percentile(.99), percentile(1));
}

static void run_requests(int count, double seconds) {
    struct client *clients = calloc(count, sizeof *clients);
    double start = now(), end = start + seconds;
    for (int i = 0; i < count; i++) {
        open_client(&clients[i]);
        begin(&clients[i], now());
    }
    struct epoll_event events[256];
    while (now() < end) {
        int ready = epoll_wait(epoll_fd, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            struct client *c = events[i].data.ptr;
            int result = take(c);
            if (result < 0) errors++, close(c->fd), open_client(c), begin(c, now());
            if (result > 0) sample(now() - c->began), begin(c, now());
        }
    }
    report(now() - start);
}

static void run_rate(double rate, double seconds) {
    enum { CLIENTS = 256 };
    struct client *clients = calloc(CLIENTS, sizeof *clients);
    for (int i = 0; i < CLIENTS; i++) open_client(&clients[i]);
    double start = now();
    long due_count = 0;
    struct epoll_event events[256];
    int next = 0, open = 0;
    while (now() < start + seconds || open) {
        double due = start + due_count / rate;
        if (due < start + seconds && now() >= due) {
            int tries = 0;
            while (clients[next].busy && tries++ < CLIENTS) next = (next + 1) % CLIENTS;
            if (clients[next].busy) {
                errors++;
            } else {
                begin(&clients[next], due);
                open++;
            }
            due_count++;
            continue;
        }
        double wait = due < start + seconds ? due - now() : .1;
        struct timespec patience = {.tv_nsec = wait > 0 ? (long)(wait * 1e9) % 1000000000 : 0};
        int ready = epoll_pwait2(epoll_fd, events, 256, &patience, NULL);
        for (int i = 0; i < ready; i++) {
            struct client *c = events[i].data.ptr;
            int result = take(c);
            if (result < 0) die("a connection ended");
            if (result > 0) sample(now() - c->began), c->busy = 0, open--;
        }
        if (now() > start + seconds + 10) break;
    }
    report(now() - start);
}

static void run_streams(int count) {
    struct client *clients = calloc(count, sizeof *clients);
    for (int i = 0; i < count; i++) {
        open_client(&clients[i]);
        begin(&clients[i], now());
        usleep(1000);  // So that the streams do not all have their tokens at the same moment.
    }
    double start = now();
    int open = count;
    struct epoll_event events[256];
    while (open && now() < start + 120) {
        int ready = epoll_wait(epoll_fd, events, 256, 1000);
        double t = now();
        for (int i = 0; i < ready; i++) {
            struct client *c = events[i].data.ptr;
            ssize_t got = read(c->fd, c->in, BUFFER);
            if (got < 0 && errno == EAGAIN) continue;
            if (got <= 0) {
                c->done = 1;
                open--;
                epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
                close(c->fd);
                continue;
            }
            for (char *p = c->in; (p = memmem(p, c->in + got - p, "data: ", 6)); p += 6) c->events++;
            if (memmem(c->in, got, "data: [DONE]", 12) || memmem(c->in, got, "event: message_stop", 19)) c->complete = 1;
            if (c->last > 0) {
                double gap = t - c->last;
                if (gap > c->gap_max) c->gap_max = gap;
                if (gap > .25) c->gaps_250++;
                sample(gap);
            }
            c->last = t;
        }
    }
    long events_all = 0, stalls = 0, complete = 0;
    double worst = 0;
    for (int i = 0; i < count; i++) {
        events_all += clients[i].events;
        stalls += clients[i].gaps_250;
        complete += clients[i].complete;
        if (clients[i].gap_max > worst) worst = clients[i].gap_max;
    }
    qsort(samples, sample_count, sizeof *samples, by_size);
    printf("{\"streams\": %d, \"complete\": %ld, \"chunks\": %ld, \"seconds\": %.3f, \"gap_p50_ms\": %.1f, \"gap_p99_ms\": %.1f, "
           "\"gap_max_ms\": %.1f, \"gaps_over_250_ms\": %ld}\n",
           count, complete, events_all, now() - start, percentile(.5) / 1000, percentile(.99) / 1000, worst * 1000, stalls);
}

static void run_idle(int count, double seconds) {
    struct client *clients = calloc(count, sizeof *clients);
    for (int i = 0; i < count; i++) open_client(&clients[i]);
    printf("{\"connections\": %d}\n", count);
    fflush(stdout);
    usleep((useconds_t)(seconds * 1e6));
}

int main(int argc, char **argv) {
    if (argc > 3 && !strcmp(argv[1], "-p")) path = argv[2], argv += 2, argc -= 2;
    if (argc < 4) return fprintf(stderr, "usage: see the head of load.c\n"), 64;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    samples = malloc(SAMPLES_MAX * sizeof *samples);
    port = atoi(argv[2]);
    if (argc == 7) snprintf(wanted, sizeof wanted, "HTTP/1.1 %.3s", argv[--argc]);
    if (!strcmp(argv[1], "requests") && argc == 6) return load_request(argv[5], 1), run_requests(atoi(argv[3]), atof(argv[4])), 0;
    if (!strcmp(argv[1], "rate") && argc == 6) return load_request(argv[5], 1), run_rate(atof(argv[3]), atof(argv[4])), 0;
    if (!strcmp(argv[1], "get") && argc == 6) return get_request(argv[5]), run_rate(atof(argv[3]), atof(argv[4])), 0;
    if (!strcmp(argv[1], "streams") && argc == 5) return load_request(argv[4], 0), run_streams(atoi(argv[3])), 0;
    if (!strcmp(argv[1], "idle") && argc == 5) return run_idle(atoi(argv[3]), atof(argv[4])), 0;
    return fprintf(stderr, "usage: see the head of load.c\n"), 64;
}
