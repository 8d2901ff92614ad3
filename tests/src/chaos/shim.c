/* A disk in trouble, between a program and the C library. For files of a database below DISK_FOLDER (their names hold
 * ".db"), what the file DISK_MODE begins with decides, at each call anew:
 *   o  as it is;
 *   f  full: nothing can be written;
 *   2  two of a hundred writes and flushes fail;
 *   l  a disk that lies: it says yes and writes nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static char mode(void) {
    const char *file = getenv("DISK_MODE");
    char first = 'o';
    if (!file) return first;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return first;
    if (syscall(SYS_read, fd, &first, 1) != 1) first = 'o';
    syscall(SYS_close, fd);
    return first;
}

static int ours(int fd) {
    const char *folder = getenv("DISK_FOLDER");
    char link[64], path[4096];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0 && strstr(path, ".db") != NULL;
}

/* Two of a hundred. */
static int unlucky(void) {
    static unsigned long threads;
    static __thread unsigned long state;
    /* Each thread has its own luck: a fresh connection must not meet the same end as the one before. */
    if (!state) state = 88172645463325252UL * (2 * __sync_add_and_fetch(&threads, 1) + 1);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % 100 < 2;
}

/* 0: go on; 1: fail, errno is set; 2: say yes and do nothing. */
static int verdict(int fd, int flush) {
    char now = mode();
    if (now == 'o' || !ours(fd)) return 0;
    if (now == 'f' && !flush) { errno = ENOSPC; return 1; }
    if (now == '2' && unlucky()) { errno = EIO; return 1; }
    if (now == 'l') return 2;
    return 0;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    int v = verdict(fd, 0);
    if (v) return v == 1 ? -1 : (ssize_t)size;
    REAL(write);
    return real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    int v = verdict(fd, 0);
    if (v) return v == 1 ? -1 : (ssize_t)size;
    REAL(pwrite);
    return real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    int v = verdict(fd, 0);
    if (v) return v == 1 ? -1 : (ssize_t)size;
    REAL(pwrite64);
    return real(fd, data, size, at);
}

int fsync(int fd) {
    int v = verdict(fd, 1);
    if (v) return v == 1 ? -1 : 0;
    REAL(fsync);
    return real(fd);
}

int fdatasync(int fd) {
    int v = verdict(fd, 1);
    if (v) return v == 1 ? -1 : 0;
    REAL(fdatasync);
    return real(fd);
}
