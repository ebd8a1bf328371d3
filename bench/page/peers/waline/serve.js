// Waline's server on SQLite: node serve.js PORT, on loopback only. SQLITE_PATH is
// a folder; the tables, which the package
// has not got, are as its models use them. Its worker process runs this, too.
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const sqlite3 = require("sqlite3");
const Application = require("thinkjs");

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof rest[0] === "string" ? listen.call(this, port, ...rest) : listen.call(this, port, "127.0.0.1", ...rest);
};

const stamps = "createdAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updatedAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP";
const tables = `
CREATE TABLE IF NOT EXISTS wl_Comment (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, comment TEXT, insertedAt TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  ip TEXT, link TEXT, mail TEXT, nick TEXT, rid INTEGER, pid INTEGER, sticky NUMERIC, status TEXT, "like" INTEGER, ua TEXT, url TEXT, ${stamps});
CREATE TABLE IF NOT EXISTS wl_Counter (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER, url TEXT, ${stamps});
CREATE TABLE IF NOT EXISTS wl_Users (id INTEGER PRIMARY KEY AUTOINCREMENT, display_name TEXT, email TEXT, password TEXT, type TEXT, label TEXT, url TEXT,
  avatar TEXT, github TEXT, twitter TEXT, facebook TEXT, google TEXT, weibo TEXT, qq TEXT, oidc TEXT, huawei TEXT, "2fa" TEXT, ${stamps});`;

fs.mkdirSync(process.env.SQLITE_PATH, { recursive: true });
const db = new sqlite3.Database(path.join(process.env.SQLITE_PATH, "waline.sqlite"));
db.exec(tables, (failed) => {
  if (failed) throw failed;
  db.close(() => {
    const root = path.dirname(require.resolve("@waline/vercel/vanilla.js"));
    new Application({ ROOT_PATH: root, APP_PATH: path.join(root, "src"), proxy: true, env: "production" }).run();
  });
});
