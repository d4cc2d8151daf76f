import type { frame as en } from "../en/frame";

export const frame: typeof en = {
  nav: {
    main: "主导航", overview: "总览", stations: "充电桩", map: "地图", sessions: "充电记录", access: "授权卡", inbox: "待接入",
    settings: "设置", collapse: "收起导航", expand: "展开导航", skip: "跳到正文", home: "Bluesky 总览", more: "更多",
  },
  unsaved: { title: "不保存就离开？", help: "已填写的内容尚未保存，离开后会丢失。", leave: "离开", stay: "留在此页" },
  link: {
    live: "实时", connecting: "连接中…", lost: "正在重连 – 数据截至 {{time}}", live_help: "变化会自动显示。",
    lost_help: "与服务器的连接已中断，恢复后会自动补齐。",
  },
  bar: {
    palette: "搜索或执行…", place: "显示范围", everywhere: "全部", language: "语言", theme: "主题", light: "浅色", dark: "深色", auto: "跟随系统", me: "我的账户",
    sign_out: "退出登录", reference: "API 参考", profile: "我的账户",
  },
  palette: {
    title: "搜索与命令", placeholder: "充电桩、充电记录、授权卡、操作", nothing: "没有找到“{{text}}”。", pages: "页面",
    stations: "充电桩", sessions: "充电记录", tokens: "授权卡", actions: "操作", locations: "场站",
    there: "对该充电桩", frames: "{{name}} 的报文", hint: "↑ ↓ 选择 · Enter 打开 · Esc 关闭 · ? 全部快捷键", reset: "重启 {{name}}", session_of: "{{token}}，{{station}}",
  },
  keys: { title: "键盘快捷键", find: "搜索与命令", rows: "下一行、上一行", pick: "选中该行", open: "打开该行", save: "保存表单", close: "关闭对话框", help: "本列表" },
  sign_in: {
    title: "登录 Bluesky", email: "电子邮箱", password: "密码", submit: "登录", show: "显示密码", hide: "隐藏密码",
    wrong: "邮箱与密码不匹配。", patience: "尝试次数过多，请等待 {{time}} 后重试。",
    setup_needed: "尚无可登录的用户。请打开服务器启动时打印的初始化链接。", about: "充电桩，实时可见，尽在掌控。", ended: "您已退出登录。",
  },
  setup: {
    title: "初始化 Bluesky", step: "第 {{step}} 步，共 {{steps}} 步", who: "创建第一位管理员", who_help: "此链接只能使用一次。",
    organisation: "组织名称", organisation_help: "充电桩的运营方。", your_name: "您的姓名",
    password_help: "至少 10 个字符，建议使用三个随机词语。", create: "创建并登录",
    no_token: "地址缺少令牌。请打开服务器启动时打印的完整链接。", location: "第一个场站",
    location_help: "安装充电桩的地点。其时间按所在时区显示。", location_name: "场站名称", city: "城市", country: "国家/地区",
    country_help: "两位字母代码，如 CN、DE", time_zone: "时区", latitude: "纬度", longitude: "经度", address: "地址", skip: "暂时跳过",
    connect: "接入充电桩", connect_help: "填写充电桩使用的标识，系统会为其生成专属地址和密码。", identity: "标识",
    identity_help: "字母、数字及 - _ .，与桩上标签一致，例如 CS-014", create_station: "创建充电桩", paste: "在充电桩上填写",
    url: "服务器地址（OCPP 1.6J）", password: "密码", user: "用户名", once: "密码仅显示这一次，请立即复制。",
    waiting: "等待 {{identity}} 连接…", connected: "{{identity}} 已连接", handshake: "首次握手", hs_connected: "充电桩已从 {{address}} 连接",
    hs_boot: "自报信息：{{vendor}} {{model}}，固件 {{firmware}}", hs_status: "已上报枪状态", hs_waiting: "尚未",
    to_station: "打开充电桩", knocking: "有设备尝试连接：{{identity}}，来自 {{address}}",
    knocking_help: "另一个标识的充电桩尝试连接。如果是您的设备，请更正标识或在“待接入”中接入。",
  },
};
