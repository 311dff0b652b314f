/* drvx: replays symbolic fwctl calls on a driver's device, one JSON line each. See README.md. */
#include "util.h"

#define CMD_INFO 0x9a00u
#define CMD_RPC 0x9a01u
struct s_info { u32 size, flags, out_device_type, device_data_len; u64 out_device_data; };
struct s_rpc { u32 size, scope, in_len, out_len; u64 in, out; };

#define BIG (4u << 20)
#define PG 4096u
#define ENDSZ (64u << 10)
#define ROLE0 0x2000000000ULL
#define ROLESTEP 0x40000000ULL
enum { ARG, IN, OUT, X, Y, NROLE };
#define O_BIG 0x00000000ULL
#define O_RO 0x02000000ULL
#define O_END 0x04000000ULL
#define O_ENDRO 0x06000000ULL
#define O_HOLE 0x08000000ULL
#define O_NONE 0x0a000000ULL
#define MAXIN (3u << 20)

static u64 base(int role) { return ROLE0 + role * ROLESTEP; }
static void mapat(u64 a, size_t n, int prot)
{
	void *p = mmap((void *)(uintptr_t)a, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (p != (void *)(uintptr_t)a) { perror("mmap arena"); exit(3); }
}
static void arenas(void)
{
	for (int r = 0; r < NROLE; r++) {
		mapat(base(r) + O_BIG, BIG, PROT_READ | PROT_WRITE);
		mapat(base(r) + O_RO, BIG, PROT_READ);
		mapat(base(r) + O_END, ENDSZ, PROT_READ | PROT_WRITE);
		mapat(base(r) + O_ENDRO, ENDSZ, PROT_READ | PROT_WRITE);
		mapat(base(r) + O_ENDRO + ENDSZ, PG, PROT_READ);
		mapat(base(r) + O_NONE, PG, PROT_NONE);
	}
}

struct ptr { char kind[12]; long n; u64 a; size_t cap; bool used; };
struct cs {
	char id[48], ctx[20], fd[10];
	u64 cmd, size, flags, odt, dlen, scope, in_len, out_len, xw, yw;
	int as;
	bool has_len;
	struct ptr p[NROLE];
	long nz, nzv;
	char *b, *text;
};

static const char *fdn[] = { "A", "B", "R", "W", "C", "D", "E", "G", "CLOSED", 0 };
static int fds[16];
static const char *devs[4];
static int fdix(const char *s) { for (int i = 0; fdn[i]; i++) if (!strcmp(fdn[i], s)) return i; return -1; }

static void parse_ptr(struct ptr *p, const char *v)
{
	const char *c = strchr(v, ':');
	memset(p, 0, sizeof *p);
	snprintf(p->kind, sizeof p->kind, "%.*s", c ? (int)(c - v) : (int)strlen(v), v);
	p->n = c ? strtol(c + 1, NULL, 0) : 0;
	p->used = true;
}

static int parse(struct cs *c, const char *line, char *buf)
{
	char *s, *save;
	memset(c, 0, sizeof *c);
	strcpy(buf, line);
	strcpy(c->ctx, "root"); strcpy(c->fd, "A");
	c->cmd = CMD_RPC; c->size = ~0ULL; c->nz = -1; c->nzv = 1; c->out_len = 64; c->dlen = 16; c->xw = c->yw = 64;
	parse_ptr(&c->p[ARG], "ok"); parse_ptr(&c->p[IN], "ok"); parse_ptr(&c->p[OUT], "ok");
	s = strtok_r(buf, " ", &save);
	if (!s) return -1;
	snprintf(c->id, sizeof c->id, "%s", s);
	while ((s = strtok_r(NULL, " ", &save))) {
		char *v = strchr(s, '=');
		if (!v) { fprintf(stderr, "bad token %s in %s\n", s, line); exit(3); }
		*v++ = 0;
		u64 n = strtoull(v, NULL, 0);
		if (!strcmp(s, "ctx")) snprintf(c->ctx, sizeof c->ctx, "%s", v);
		else if (!strcmp(s, "fd")) snprintf(c->fd, sizeof c->fd, "%s", v);
		else if (!strcmp(s, "cmd")) c->cmd = !strcmp(v, "INFO") ? CMD_INFO : !strcmp(v, "RPC") ? CMD_RPC : n;
		else if (!strcmp(s, "arg")) parse_ptr(&c->p[ARG], v);
		else if (!strcmp(s, "size")) c->size = n;
		else if (!strcmp(s, "flags")) c->flags = n;
		else if (!strcmp(s, "odt")) c->odt = n;
		else if (!strcmp(s, "dlen")) c->dlen = n;
		else if (!strcmp(s, "dptr") || !strcmp(s, "out")) parse_ptr(&c->p[OUT], v);
		else if (!strcmp(s, "scope")) c->scope = n;
		else if (!strcmp(s, "in_len")) { c->in_len = n; c->has_len = true; }
		else if (!strcmp(s, "out_len")) c->out_len = n;
		else if (!strcmp(s, "in")) parse_ptr(&c->p[IN], v);
		else if (!strcmp(s, "xw")) c->xw = n;
		else if (!strcmp(s, "yw")) c->yw = n;
		else if (!strcmp(s, "b")) c->b = v;
		else if (!strcmp(s, "nz")) { char *q; c->nz = strtol(v, &q, 0); if (*q == ',') c->nzv = strtol(q + 1, NULL, 0); }
		else if (!strcmp(s, "d")) ; /* a comment for the reader */
		else { fprintf(stderr, "bad key %s in %s\n", s, line); exit(3); }
	}
	c->as = (c->cmd & 0xffffffff) == CMD_RPC ? 'R' : 'I';
	if (c->size == ~0ULL) c->size = c->as == 'R' ? sizeof(struct s_rpc) : sizeof(struct s_info);
	return 0;
}

static void resolve(struct cs *c, struct ptr *p, int role)
{
	u64 b = base(role);
	const char *k = p->kind;
	int other = -1;
	p->cap = 0;
	if (!strcmp(k, "ok")) { p->a = b + O_BIG; p->cap = BIG; }
	else if (!strcmp(k, "unal")) { p->a = b + O_BIG + p->n; p->cap = BIG - p->n; }
	else if (!strcmp(k, "cross")) { p->a = b + O_BIG + PG - p->n; p->cap = BIG - PG + p->n; }
	else if (!strcmp(k, "ro")) { p->a = b + O_RO; p->cap = BIG; }
	else if (!strcmp(k, "end")) { p->a = b + O_END + ENDSZ - p->n; p->cap = p->n; }
	else if (!strcmp(k, "endro")) { p->a = b + O_ENDRO + ENDSZ - p->n; p->cap = p->n + PG; }
	else if (!strcmp(k, "null")) p->a = 0;
	else if (!strcmp(k, "low")) p->a = p->n;
	else if (!strcmp(k, "unmapped")) p->a = b + O_HOLE;
	else if (!strcmp(k, "none")) p->a = b + O_NONE;
	else if (!strcmp(k, "kernel")) p->a = 0xffff888000000000ULL;
	else if (!strcmp(k, "noncanon")) p->a = 0x8000000000000000ULL;
	else if (!strcmp(k, "max")) p->a = ~0ULL;
	else if (!strcmp(k, "arg")) other = ARG;
	else if (!strcmp(k, "in")) other = IN;
	else if (!strcmp(k, "out")) other = OUT;
	else if (!strcmp(k, "x")) other = X;
	else if (!strcmp(k, "y")) other = Y;
	else { fprintf(stderr, "bad pointer kind %s\n", k); exit(3); }
	if (other >= 0) { p->a = c->p[other].a + p->n; p->cap = (long)c->p[other].cap > p->n ? c->p[other].cap - p->n : 0; }
}

static void unlock(struct ptr *p, int on)
{
	for (int r = 0; r < NROLE; r++) {
		u64 b = base(r);
		if (p->a < b || p->a >= b + ROLESTEP) continue;
		if (p->a >= b + O_RO && p->a < b + O_RO + BIG) mprotect((void *)(uintptr_t)(b + O_RO), BIG, on ? PROT_READ | PROT_WRITE : PROT_READ);
		if (p->a >= b + O_ENDRO && p->a < b + O_ENDRO + ENDSZ + PG) mprotect((void *)(uintptr_t)(b + O_ENDRO + ENDSZ), PG, on ? PROT_READ | PROT_WRITE : PROT_READ);
	}
}

static size_t minz(size_t a, size_t b) { return a < b ? a : b; }
static size_t window(struct ptr *p, u64 len) { u64 w = len + 64; if (w < 128) w = 128; return minz(p->cap, w); }

/* named UUIDs (the CXL feature UUIDs the kernel keeps; ff; vN; zero) */
static int uuid_of(const char *n, u8 u[16])
{
	static const struct { const char *n, *h; } t[] = {
		{ "scrub", "96dad7d6fde8482ba73375774e06db8a" }, { "ecs", "e5b13f2223284a14b8bab9691e893386" },
		{ "sppr", "892ba475fad8474e9d3e692c917568bb" }, { "hppr", "80ea4521786f4127afb1ec7459fb0e24" },
		{ "cls", "96c3338691dd44c79ecbfdaf6503bac4" }, { "row", "450ebf67b1354f97a498c2d57f279bed" },
		{ "bank", "78b7963690ac4b64a4effaac5d18a863" }, { "rank", "34dbaff5055242818f76da0b5e7a76a7" } };
	memset(u, 0, 16);
	if (!strcmp(n, "ff")) { memset(u, 0xff, 16); return 0; }
	if (!strcmp(n, "zero")) return 0;
	if (n[0] == 'v') { u[0] = 0xfe; u[1] = 0xed; u[15] = atoi(n + 1); return 0; }
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (!strcmp(n, t[i].n)) {
			for (int k = 0; k < 16; k++) sscanf(t[i].h + 2 * k, "%2hhx", &u[k]);
			return 0;
		}
	return -1;
}

/* b=TOKEN,TOKEN..: the bytes of the request */
static u8 *ib;
static size_t build(struct cs *c)
{
	char *t, *save, s[6000];
	size_t n = 0;
	if (!c->b) return 0;
	snprintf(s, sizeof s, "%s", c->b);
	for (t = strtok_r(s, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
		char *v = strchr(t, ':');
		if (!v) goto bad;
		*v++ = 0;
		u64 x = strtoull(v, NULL, 0);
		if (n + 16 > MAXIN) goto bad;
		if (!strcmp(t, "w8")) { ib[n++] = x; }
		else if (!strcmp(t, "w16")) { memcpy(ib + n, &x, 2); n += 2; }
		else if (!strcmp(t, "w32")) { memcpy(ib + n, &x, 4); n += 4; }
		else if (!strcmp(t, "w64")) { memcpy(ib + n, &x, 8); n += 8; }
		else if (!strcmp(t, "zero")) { memset(ib + n, 0, x); n += x; }
		else if (!strcmp(t, "pat")) { for (u64 i = 0; i < x; i++) ib[n + i] = i * 3 + 7; n += x; }
		else if (!strcmp(t, "hex")) { for (; v[0] && v[1]; v += 2) { unsigned h; sscanf(v, "%2x", &h); ib[n++] = h; } }
		else if (!strcmp(t, "uuid")) { if (uuid_of(v, ib + n)) goto bad; n += 16; }
		else if (!strcmp(t, "X") || !strcmp(t, "Y")) {
			int r = *t == 'X' ? X : Y;
			if (!c->p[r].used) { parse_ptr(&c->p[r], v); resolve(c, &c->p[r], r); }
			memcpy(ib + n, &c->p[r].a, 8); n += 8;
		} else goto bad;
	}
	return n;
bad:
	fprintf(stderr, "bad b= in %s\n", c->text);
	exit(3);
}

static u8 *bef[NROLE], *aft;
static char pdir[200];
static long counter(const char *n)
{
	char p[300], b[32];
	snprintf(p, sizeof p, "%s/%s", pdir, n);
	int fd = open(p, O_RDONLY | O_CLOEXEC), k;
	if (fd < 0) return -1;
	k = read(fd, b, sizeof b - 1);
	close(fd);
	if (k <= 0) return -1;
	b[k] = 0;
	return strtol(b, NULL, 10);
}
static void param(const char *n, const char *v)
{
	char p[300];
	snprintf(p, sizeof p, "%s/%s", pdir, n);
	wrfile(p, v);
}
static int hook(const char *line)
{
	char c[300], q[400];
	snprintf(c, sizeof c, "%s", line);
	const char *h = getenv("DRVX_HOOK");
	if (h) { snprintf(q, sizeof q, "%s %s", h, c); return system(q) ? -EIO : 0; }
	char *w = strtok(c, " "), *a = strtok(NULL, " "), *b = strtok(NULL, " ");
	if (!w || !a) return -EINVAL;
	if (!strcmp(w, "set") && b) { snprintf(q, sizeof q, "%s/%s", pdir, a); return wrfile(q, b); }
	if (!strcmp(w, "unbind") || !strcmp(w, "bind")) { /* unbind DRIVER SLOT */
		if (!b) return -EINVAL;
		snprintf(q, sizeof q, "/sys/bus/pci/drivers/%s/%s", a, w);
		return wrfile(q, b);
	}
	return -EINVAL;
}

static char j[1 << 16];
static int jo;
__attribute__((format(printf, 1, 2))) static void J(const char *f, ...)
{
	va_list ap;
	va_start(ap, f);
	jo += vsnprintf(j + jo, sizeof j - jo, f, ap);
	va_end(ap);
}

static void region(const char *name, int r, struct ptr *p, size_t w)
{
	if (!w) return;
	memcpy(aft, (void *)(uintptr_t)p->a, w);
	bool chg = memcmp(bef[r], aft, w) != 0;
	J(",\"%s\":{\"win\":%zu,\"chg\":%d", name, w, chg);
	if (chg) {
		size_t f = 0, l = w - 1;
		while (bef[r][f] == aft[f]) f++;
		while (bef[r][l] == aft[l]) l--;
		J(",\"first\":%zu,\"last\":%zu,\"hash\":\"%016llx\",\"head\":\"", f, l, (unsigned long long)fnv(aft, w));
		for (size_t i = 0; i < minz(w, 64); i++) J("%02x", aft[i]);
		J("\"");
	}
	J("}");
}

static void run_case(struct cs *c)
{
	int fi = fdix(c->fd);
	if (fi < 0) { fprintf(stderr, "bad fd %s\n", c->fd); exit(3); }
	int fd = fds[fi];
	if (!strcmp(c->fd, "CLOSED")) fd = 1000;
	u8 st[40];
	size_t ssz, w[NROLE] = { 0 }, bl = 0;

	resolve(c, &c->p[ARG], ARG); resolve(c, &c->p[IN], IN); resolve(c, &c->p[OUT], OUT);
	if (c->as == 'R') {
		bl = build(c);
		if (!c->has_len) c->in_len = bl;
		struct s_rpc r = { c->size, c->scope, c->in_len, c->out_len, c->p[IN].a, c->p[OUT].a };
		memcpy(st, &r, ssz = sizeof r);
	} else {
		struct s_info r = { c->size, c->flags, c->odt, c->dlen, c->p[OUT].a };
		memcpy(st, &r, ssz = sizeof r);
	}
	u8 *ap = (u8 *)(uintptr_t)c->p[ARG].a;
	/* fill: out 0xaa, Y 0x55, X pattern, in, then the structure */
	w[OUT] = minz(window(&c->p[OUT], c->as == 'R' ? c->out_len : c->dlen), BIG);
	if (c->p[X].used) w[X] = minz(window(&c->p[X], c->xw), BIG);
	if (c->p[Y].used) w[Y] = minz(window(&c->p[Y], c->yw), BIG);
	w[IN] = c->as == 'R' ? minz(window(&c->p[IN], c->in_len), MAXIN) : 0;
	static const int order[] = { OUT, Y, X, IN };
	for (int k = 0; k < 4; k++) {
		int r = order[k];
		u8 *q = (u8 *)(uintptr_t)c->p[r].a;
		if (!w[r]) continue;
		unlock(&c->p[r], 1);
		if (r == OUT) memset(q, 0xaa, w[r]);
		else if (r == Y) memset(q, 0x55, w[r]);
		else if (r == X) for (size_t i = 0; i < w[r]; i++) q[i] = i * 7 + 11;
		else for (size_t i = 0; i < w[r]; i++) q[i] = i < c->in_len ? (i < bl ? ib[i] : (u8)(i * 3 + 7)) : 0xbb;
		unlock(&c->p[r], 0);
	}
	size_t as = minz(c->p[ARG].cap, ssz), tw = minz(c->p[ARG].cap, 4096);
	if (c->p[ARG].cap) {
		unlock(&c->p[ARG], 1);
		memset(ap, 0, tw);
		memcpy(ap, st, as);
		if (c->nz >= 0 && (size_t)c->nz < c->p[ARG].cap) ap[c->nz] = c->nzv;
		unlock(&c->p[ARG], 0);
	}
	for (int r = IN; r < NROLE; r++) if (w[r]) memcpy(bef[r], (void *)(uintptr_t)c->p[r].a, w[r]);
	u8 tb[4096];
	memcpy(tb, ap, tw);
	bool norawio = !strcmp(c->ctx, "norawio");
	long k0 = counter("fw_calls");
	if (norawio) cap_rawio(0);
	int r = do_ioctl(fd, c->cmd, c->p[ARG].a);
	if (norawio) cap_rawio(1);
	long k1 = counter("fw_calls");

	static char t[20000];
	jo = 0;
	jstr(t, sizeof t, strchr(c->text, ' ') ? strchr(c->text, ' ') + 1 : "");
	J("{\"id\":\"%s\",\"case\":\"%s\",\"ret\":%d,\"err\":\"%s\"", c->id, t, r < 0 ? -1 : r, r < 0 ? ename(r) : "OK");
	if (c->p[ARG].cap >= ssz) {
		u32 f[4];
		memcpy(f, ap, 16);
		J(",\"arg\":[%u,%u,%u,%u", f[0], f[1], f[2], f[3]);
		for (size_t i = 16; i < ssz; i += 8) {
			u64 a, b;
			memcpy(&a, ap + i, 8); memcpy(&b, st + i, 8);
			if (a == b) J(",\"=\""); else J(",\"%016llx\"", (unsigned long long)a);
		}
		J("],\"arg_chg\":%d,\"tail_chg\":%d", memcmp(tb, ap, ssz) != 0, memcmp(tb + ssz, ap + ssz, tw - ssz) != 0);
	} else if (c->p[ARG].cap) J(",\"arg_chg\":%d", memcmp(tb, ap, tw) != 0);
	region("out", OUT, &c->p[OUT], w[OUT]);
	if (w[IN]) J(",\"in_chg\":%d", memcmp(bef[IN], (void *)(uintptr_t)c->p[IN].a, w[IN]) != 0);
	region("x", X, &c->p[X], w[X]);
	region("y", Y, &c->p[Y], w[Y]);
	if (k0 >= 0) {
		char b[4096], p[300];
		J(",\"fw\":%ld", k1 - k0);
		snprintf(p, sizeof p, "%s/fw_log", pdir);
		int lf = open(p, O_RDONLY | O_CLOEXEC), n = lf < 0 ? 0 : read(lf, b, sizeof b - 1);
		if (lf >= 0) close(lf);
		if (n > 1) { b[n - 1] = 0; jstr(t, sizeof t, b); J(",\"log\":\"%s\"", t); }
	}
	out("%s}", j);
	if (c->p[ARG].cap && c->nz >= 0 && (size_t)c->nz < c->p[ARG].cap) { unlock(&c->p[ARG], 1); ap[c->nz] = 0; unlock(&c->p[ARG], 0); }
}

static void reopen(void)
{
	for (int i = 0; i < 7; i++) if (fds[i] >= 0) close(fds[i]);
	fds[0] = open(devs[0], O_RDWR | O_CLOEXEC); fds[1] = open(devs[0], O_RDWR | O_CLOEXEC);
	fds[2] = open(devs[0], O_RDONLY | O_CLOEXEC); fds[3] = open(devs[0], O_WRONLY | O_CLOEXEC);
	fds[4] = open(devs[1], O_RDWR | O_CLOEXEC); fds[5] = open(devs[2], O_RDWR | O_CLOEXEC); fds[6] = open(devs[3], O_RDWR | O_CLOEXEC);
}

static int cmd_run(const char *cases, const char *only)
{
	FILE *f = fopen(cases, "re");
	static char line[8000], buf[8000];
	int n = 0;
	if (!f) { perror(cases); return 2; }
	arenas();
	for (int r = 0; r < NROLE; r++) bef[r] = malloc(BIG);
	aft = malloc(BIG); ib = malloc(MAXIN + 64);
	memset(fds, -1, sizeof fds);
	reopen();
	if (fds[0] < 0) { perror(devs[0]); return 2; }
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\r\n")] = 0;
		if (!line[0] || line[0] == '#') continue;
		if (!strcmp(line, "!reopen")) { reopen(); continue; }
		if (!strncmp(line, "!keep ", 6)) { /* the open file of fd NAME goes on as G */
			int i = fdix(line + 6);
			if (i >= 0) { fds[7] = fds[i]; fds[i] = -1; }
			continue;
		}
		if (line[0] == '!') {
			char q[700];
			int r = hook(line + 1);
			jstr(q, sizeof q, line + 1);
			out("{\"hook\":\"%s\",\"r\":%d}", q, r);
			continue;
		}
		struct cs c;
		if (parse(&c, line, buf)) continue;
		c.text = line;
		if (only && strncmp(c.id, only, strlen(only))) continue;
		n++;
		param("fw_log", "0"); param("cxl_seq", "0");
		if (!strcmp(c.ctx, "root") || !strcmp(c.ctx, "norawio")) { run_case(&c); continue; }
		pid_t p = fork();
		if (!p) {
			if (drop_to(c.ctx)) { out("{\"id\":\"%s\",\"setup\":\"%s\",\"err\":\"%s\"}", c.id, c.ctx, ename(errno)); _exit(0); }
			run_case(&c);
			_exit(0);
		}
		int stt;
		waitpid(p, &stt, 0);
		if (stt) out("{\"id\":\"%s\",\"died\":%d}", c.id, stt);
	}
	fprintf(stderr, "drvx: %d cases\n", n);
	return 0;
}

/* every 16-bit request number: which scopes let it through. req = LE u16 number, zeros to LEN.
 * One line for each run of numbers with the same errnos (scope 0, 1, 2, 3, 4, and 3 without the capability). */
static int cmd_scan(int len, int at, int width, u32 lo, u32 hi, int lenat)
{
	static u8 b[4096], o[4096];
	char cur[200], last[200] = "";
	u32 first = 0;
	int fd = open(devs[0], O_RDWR);
	if (fd < 0) { perror(devs[0]); return 2; }
	for (u64 v = lo; v <= (u64)hi + 1; v++) {
		cur[0] = 0;
		if (v <= hi) for (int s = 0; s < 6; s++) {
			memset(b, 0, sizeof b);
			if (lenat >= 0) b[lenat] = 8;
			memcpy(b + at, &v, width);
			struct s_rpc r = { 32, s == 5 ? 3 : s, len, 64, (u64)(uintptr_t)b, (u64)(uintptr_t)o };
			if (s == 5) cap_rawio(0);
			int e = do_ioctl(fd, CMD_RPC, (u64)(uintptr_t)&r);
			if (s == 5) cap_rawio(1);
			snprintf(cur + strlen(cur), sizeof cur - strlen(cur), "%s\"%s\"", s ? "," : "", ename(e));
		}
		if (strcmp(cur, last)) {
			if (last[0]) out("{\"from\":\"0x%x\",\"to\":\"0x%x\",\"len\":%d,\"scopes\":[%s]}", first, (u32)(v - 1), len, last);
			strcpy(last, cur);
			first = v;
		}
	}
	return 0;
}

/* race SCOPE1 HEX1 SCOPE2 HEX2: the first request, 30 ms later the second on another file; prints times, fw_log */
#include <pthread.h>
#include <time.h>
static struct rc { int scope, delay, ret; long t0, t1; const char *hex; const char *dev; } rcs[2];
static long now_ms(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000 + t.tv_nsec / 1000000; }
static void *racer(void *v)
{
	struct rc *c = v;
	u8 *b = calloc(1, 4096), *o = calloc(1, 8192);
	int n = 0, fd = open(c->dev, O_RDWR);
	for (const char *h = c->hex; h[0] && h[1]; h += 2) { unsigned x; sscanf(h, "%2x", &x); b[n++] = x; }
	struct s_rpc r = { 32, c->scope, n, 4096, (u64)(uintptr_t)b, (u64)(uintptr_t)o };
	usleep(c->delay * 1000);
	c->t0 = now_ms();
	c->ret = do_ioctl(fd, CMD_RPC, (u64)(uintptr_t)&r);
	c->t1 = now_ms();
	close(fd);
	return NULL;
}
static int cmd_race(char **a)
{
	pthread_t t[2];
	char b[4096], p[300], q[5000];
	for (int i = 0; i < 2; i++) rcs[i] = (struct rc){ .scope = atoi(a[2 * i]), .hex = a[2 * i + 1], .delay = 30 * i, .dev = devs[0] };
	param("fw_log", "0");
	for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, racer, &rcs[i]);
	for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
	snprintf(p, sizeof p, "%s/fw_log", pdir);
	int lf = open(p, O_RDONLY | O_CLOEXEC), n = lf < 0 ? 0 : read(lf, b, sizeof b - 1);
	b[n > 0 ? n - 1 : 0] = 0;
	jstr(q, sizeof q, b);
	out("{\"dev\":\"%s\",\"r1\":\"%s\",\"ms1\":%ld,\"r2\":\"%s\",\"ms2\":%ld,\"log\":\"%s\"}", devs[0], ename(rcs[0].ret), rcs[0].t1 - rcs[0].t0, ename(rcs[1].ret), rcs[1].t1 - rcs[1].t0, q);
	return 0;
}

int main(int argc, char **argv)
{
	const char *of = NULL, *only = NULL;
	static const char *en[] = { "DRVX_DEV0", "DRVX_DEV1", "DRVX_DEV2", "DRVX_DEV3" };
	int c, al = 280;
	for (int i = 0; i < 4; i++) { devs[i] = getenv(en[i]); if (!devs[i]) devs[i] = "/nonexistent"; }
	snprintf(pdir, sizeof pdir, "%s", getenv("DRVX_PARAMS") ? getenv("DRVX_PARAMS") : "/sys/module/orc/parameters");
	while ((c = getopt(argc, argv, "+o:k:T:")) != -1)
		switch (c) {
		case 'o': of = optarg; break;
		case 'k': only = optarg; break;
		case 'T': al = atoi(optarg); break;
		default: return 2;
		}
	signal(SIGALRM, onalrm);
	alarm(al);
	if (of) {
		ofd = open(of, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
		if (ofd < 0) { perror(of); return 2; }
	}
	argc -= optind; argv += optind;
	if (argc == 2 && !strcmp(argv[0], "run")) return cmd_run(argv[1], only);
	if (argc == 5 && !strcmp(argv[0], "race")) return cmd_race(argv + 1);
	if (argc == 7 && !strcmp(argv[0], "scan")) /* scan LEN AT WIDTH LO HI LENAT */
		return cmd_scan(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]), strtoul(argv[4], 0, 0), strtoul(argv[5], 0, 0), atoi(argv[6]));
	fprintf(stderr, "usage: drvx [-o out.jsonl] [-k idprefix] [-T seconds] run CASES | scan LEN AT WIDTH LO HI LENAT | race SCOPE1 HEX1 SCOPE2 HEX2\n");
	return 2;
}
