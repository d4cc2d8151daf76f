import type { settings as en } from "../en/settings";

export const settings: typeof en = {
  role: { administrator: "管理员", viewer: "只读用户", administrator_help: "可查看和更改全部内容", viewer_help: "可查看全部内容，不能更改" },
  settings: {
    title: "设置", organisations: "组织", locations: "场站", users: "用户", keys: "API 密钥", audit: "审计记录", account: "我的账户", add_organisation: "添加组织", add_location: "添加场站", add_user: "添加用户", add_key: "创建 API 密钥", parent: "上级组织", top: "顶级", no_parent: "无上级", email: "电子邮箱", role: "角色", organisation: "组织", disabled: "已停用", disable: "停用", enable: "启用", password: "密码", password_help: "至少 10 个字符", password_keep: "留空则不修改", last_used: "最近使用", revoke: "吊销", revoked: "已吊销", revoke_title: "吊销 {{name}}？", revoke_help: "使用此密钥的脚本将立即被拒绝。", key_once: "请立即复制密钥，仅显示这一次。", key_begins: "开头", delete_title: "删除 {{name}}？", delete_user_help: "该用户将退出且无法再登录，其操作保留在审计记录中。", delete_help: "此操作无法撤销。", stations: "充电桩", online: "在线", you: "您", zone: "时区", place: "地点", edit: "编辑 {{name}}", never: "从未",
    at: "时间", actor: "操作人", did: "操作", subject: "对象", change: "变更", before: "变更前", after: "变更后", audit_empty: "暂无变更", audit_search: "操作人", any_subject: "全部对象", export: "导出", empty_locations: "暂无场站", empty_locations_help: "场站包含地址、时区和充电桩。", empty_keys: "暂无 API 密钥", empty_keys_help: "脚本使用 API 密钥登录。", change_password: "修改密码", current_password: "当前密码", new_password: "新密码", password_changed: "密码已修改，其他浏览器已退出。", browsers: "已登录的浏览器", browsers_help: "如有不认识的，请将其退出。", this_browser: "当前浏览器", end: "退出", last_seen: "{{time}}前使用", language: "语言", appearance: "外观", list: "{{what}}", made: "创建人",
  },
};
